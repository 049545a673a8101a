import { describe, expect, test } from 'bun:test'
import { type } from 'arktype'
import {
  knownPassword,
  newPassword,
  passwordFault,
  wordsOf,
} from '../../../src/hooks/validation/index.ts'
import { faultsOf } from './support.ts'

const codeOf = (password: string, email?: string) =>
  passwordFault(password, email === undefined ? [] : wordsOf(email))?.code

test.each([
  ['11 characters', 'tea with sev', true],
  ['10 characters', 'tea with s', false],
  ['12 emoji of two UTF-16 units each', '🔑🎹🌵🚲🧀🪁🎷🧭🦔🍉🛶🎲', true],
  ['11 emoji', '🔑🎹🌵🚲🧀🪁🎷🧭🦔🍉🛶', false],
  ['12 letters that are one less when composed', 'e\u0301 tu wie xo', false],
  ['128 characters', 'tea with seven spoons, '.repeat(6).slice(0, 128), true],
  ['129 characters', 'tea with seven spoons, '.repeat(6).slice(0, 129), false],
  ['a million characters', 'tea with '.repeat(111_112), false],
])('a new password of %s is judged by its code points', (_, password, accepted) => {
  expect(codeOf(password) !== 'password_length').toBe(accepted)
})

describe('a new password that is guessed first is refused:', () => {
  test.each([
    ['a common one', 'qwertyuiop12'],
    ['a common one of words', 'motherfucker'],
    ['a word of the dictionary', 'unbelievable'],
    ['a common one with digits after it', 'password1234'],
    ['in another case', 'PassWord1234'],
    ['with signs for letters', 'P@$$w0rd1234!'],
    ['with signs in it', 'mother-fucker-2024'],
    ['two common ones as one', 'monkeydragon99'],
    ['one twice', 'trustno1trustno1'],
    ['one character', 'aaaaaaaaaaaa'],
    ['few characters', '121212121212'],
    ['few characters in no order', 'aabbaababbab'],
    ['a piece over and over', 'xkq7!vxkq7!v'],
    ['the alphabet', 'abcdefghijkl'],
    ['the alphabet from its end', 'zyxwvutsrqpo'],
    ['digits in order', '123456789012'],
    ['a row of keys', 'asdfghjkl;12'],
    ['a zigzag over the keyboard', '1qaz2wsx3edc'],
    ['three walks', 'abcd1234wxyz'],
    ['digits in order, in groups', '1234 5678 9012 3456'],
    ['a walk with hyphens', 'asdf-zxcv-7890'],
    ['a group over and over', '4711 4711-4711.4711'],
    ["the service's name", 'caly2026!!!!'],
    ['full-width letters', 'ｐａｓｓｗｏｒｄ１２３４'],
  ])('%s', (_, password) => {
    expect(codeOf(password)).toBe('password_common')
  })

  test.each(['zoe.miller1985', 'Zoe-Miller-1985', 'millermiller', 'miller2026!!'])(
    "what is made of the account's e-mail: %s",
    (password) => {
      expect(codeOf(password, 'zoe.miller@example.com')).toBe('password_common')
      expect(codeOf('several words of mine', 'zoe.miller@example.com')).toBeUndefined()
    },
  )
})

test.each([
  'correct horse battery staple',
  'tea with seven spoons',
  'monkey-dragon-2024',
  'caf\u00e9 au lait noir',
  'kF8xQ2mZpL0v',
  '7hG-2kd9-Qz1x',
  'Wandern im Schwarzwald 7',
  'пароль от моей двери',
  'xkqjzvwpfhbd',
  'a!?&%b$)(=+c',
  '4929 1150 8263 7047',
])('%s may be set: which kinds of characters it has does not matter', (password) => {
  expect(codeOf(password)).toBeUndefined()
})

test('the refusal of a new password says what would be right, and not the password', () => {
  const body = type({ newPassword })
  expect(faultsOf(body, { newPassword: 'short' })).toEqual([
    { path: 'body.newPassword', code: 'password_length', message: 'must be 12 to 128 characters' },
  ])
  const [fault] = faultsOf(body, { newPassword: 'password1234' })
  expect(fault).toMatchObject({ path: 'body.newPassword', code: 'password_common' })
  expect(fault?.message).not.toContain('password1234')
  expect(faultsOf(body, { newPassword: 7 })).toMatchObject([{ path: 'body.newPassword' }])
})

test('a password that was set before is compared, however weak, up to 1024 bytes', () => {
  const body = type({ password: knownPassword })
  expect(faultsOf(body, { password: 'password1234' })).toEqual([])
  expect(faultsOf(body, { password: 'x' })).toEqual([])
  expect(faultsOf(body, { password: 'é'.repeat(512) })).toEqual([])
  for (const password of ['', 'é'.repeat(513), 7])
    expect(faultsOf(body, { password })).toMatchObject([{ code: 'password_length' }])
})

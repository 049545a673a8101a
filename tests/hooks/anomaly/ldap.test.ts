import { expect, test } from 'bun:test'
import { ldapInjection } from '../../../src/hooks/anomaly/detectors/ldap-injection.ts'

const scoreOf = (text: string): number =>
  ldapInjection({ text, lower: text.toLowerCase(), layers: 0, place: 'body' })

const attacks = [
  'userPassword:2.5.13.18:=7',
  '*)(*=*',
  '*)(cn=*))(|(cn=*',
  'asha)(&)',
  'asha)(&(objectClass=*)',
  'asha*)((|userPassword=*)',
  'asha)!(sn=*',
  'asha)|(cn=*',
  'asha)(uidNumber<=500',
  'asha)\t(\t|',
  'asha)(!(cn=*))',
  'asha)(cn:caseExactMatch:=a',
  'asha)(:dn:2.4.6:=a)',
  'asha)(cn=*))\0',
  '*(|(mail=*))',
  '*()|&',
  'Asha Rao)(title=manager',
  '(&(cn=a)(cn=b))(|(cn=c)(userPassword={MD5}x))',
  '(&(cn=asha)(!(&(1=0)(userPassword=q))))',
  '(&(cn=asha)(userPassword=q*))',
  'asha)(2.5.4.11=sales',
  'asha)(1=1',
  '*|(mail=*)',
  '*)(',
  'Asha Devi Rao)(title=manager',
  '%(@!)(()))**',
]

test('ldapInjection() finds filters behind a parenthesis that the text did not open', () => {
  expect(attacks.filter((text) => scoreOf(text) < 0.5)).toEqual([])
})

const honest = [
  '(&(objectClass=person)(|(sn=Rao)(cn=Asha*)))',
  '(cn=Asha Rao)',
  'Asha Rao (sales)',
  'see above) (x is 1)',
  'see above) (note=1)',
  'a) first (b) second (c=3)',
  '(function () { return 1 })(a = b)',
  'if (a) (b = c)',
  ':-) (!)',
  '(*_*) ***',
  '** (see 3) **',
  '(&(cn=asha)(title=man*))',
  'f(a b c)(d=e)',
  'f(x)(y)',
  'He said "yes") (and left',
]

test('ldapInjection() lets whole filters, code and parentheses in prose pass', () => {
  expect(honest.filter((text) => scoreOf(text) >= 0.5)).toEqual([])
})

test('ldapInjection() reads long texts of anything troublesome to the end', () => {
  for (const piece of ['(', ')', '(&', ')(', ')(&', '*)(', '(a=', ' ', '!(', ')\t('])
    for (const head of ['', 'a)', '(&('])
      expect(scoreOf(head + piece.repeat(50_000))).toBeLessThanOrEqual(1)
})

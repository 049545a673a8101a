/** A program that hashes one password and closes nothing, as a command might. */
import process from 'node:process'
import { passwordHasher } from '../../src/auth/passwords/index.ts'

const hash = await passwordHasher().hash('a password of mine')
process.stdout.write(hash)

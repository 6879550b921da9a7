import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { derivedKey, masterKey, openVault } from './vault.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'plumbline-vault-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const given = 'ab'.repeat(32)

it('opens what it sealed, whatever the text, and seals the same text differently each time', () => {
  const vault = openVault(masterKey(folder, given))
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(vault.open(vault.seal(text))).toBe(text)
    }),
  )
  expect(vault.seal('sk-1').equals(vault.seal('sk-1'))).toBe(false)
})

it('refuses every secret that was changed by one bit or cut short', () => {
  const vault = openVault(masterKey(folder, given))
  const sealed = vault.seal('sk-123')
  for (let bit = 0; bit < sealed.length * 8; bit++) {
    const changed = Buffer.from(sealed)
    changed[bit >> 3]! ^= 1 << (bit & 7)
    expect(() => vault.open(changed)).toThrow('cannot be opened')
  }
  for (let length = 0; length < sealed.length; length++)
    expect(() => vault.open(sealed.subarray(0, length))).toThrow('cannot be opened')
})

it('refuses a secret that was sealed with another key', () => {
  const sealed = openVault(masterKey(folder, given)).seal('sk-123')
  expect(() => openVault(masterKey(folder, 'cd'.repeat(32))).open(sealed)).toThrow('another key')
})

it('makes a key once, for its owner alone, and finds it again', () => {
  const data = join(folder, 'new', 'data')
  const first = masterKey(data, '')
  expect(masterKey(data, '').equals(first)).toBe(true)
  expect(statSync(join(data, 'key')).mode & 0o777).toBe(0o600)
  expect(readdirSync(data)).toEqual(['key'])
})

it('says what is wrong with a key that is none', () => {
  writeFileSync(join(folder, 'key'), 'secret\n')
  expect(() => masterKey(folder, '')).toThrow(
    expect.objectContaining({ code: 'bad_input', where: join(folder, 'key') }),
  )
  expect(() => masterKey(folder, 'short')).toThrow(expect.objectContaining({ where: 'PLUMBLINE_KEY' }))
})

it('derives unlike keys for unlike purposes', () => {
  const master = masterKey(folder, given)
  expect(derivedKey(master, 'vault').equals(derivedKey(master, 'sign-in'))).toBe(false)
})

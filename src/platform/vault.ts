/**
 * Secrets at rest. One master key (PLUMBLINE_KEY, or a file in the data folder that is made once) from which each use
 * derives a key of its own, so that what signs cookies never opens what is sealed.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Vault } from './context.ts'
import { fail } from './errors.ts'

const keyBytes = 32
const hint = 'It is 32 random bytes in hex: openssl rand -hex 32.'

function parseKey(text: string, where: string): Buffer {
  const hex = text.trim()
  if (!/^[0-9a-f]{64}$/i.test(hex))
    fail('bad_input', 'The key that protects secrets is not 64 hexadecimal digits.', { where, hint })
  return Buffer.from(hex, 'hex')
}

/** Written aside and linked into place: of two processes that start at once, one wins and both read the same key. */
function makeKeyFile(file: string): void {
  const draft = `${file}.${randomBytes(6).toString('hex')}`
  writeFileSync(draft, `${randomBytes(keyBytes).toString('hex')}\n`, { mode: 0o600 })
  try {
    linkSync(draft, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(draft)
  }
}

/** 32 bytes: `given` (64 hexadecimal digits), else DATA/key, which is made with mode 0600 where it is missing. */
export function masterKey(dataDir: string, given = process.env.PLUMBLINE_KEY): Buffer {
  if (given) return parseKey(given, 'PLUMBLINE_KEY')
  const file = join(dataDir, 'key')
  const read = () => parseKey(readFileSync(file, 'utf8'), file)
  try {
    return read()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  mkdirSync(dataDir, { recursive: true })
  makeKeyFile(file)
  return read()
}

/** A key for one purpose (RFC 5869, HKDF-SHA-256). */
export const derivedKey = (master: Buffer, purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', master, '', `plumbline ${purpose}`, keyBytes))

const version = 1
const ivBytes = 12
const tagBytes = 16

/** AES-256-GCM; a sealed secret is version (1 byte), nonce (12), tag (16), ciphertext. */
export function openVault(master: Buffer): Vault {
  const key = derivedKey(master, 'vault')
  return {
    seal(plain) {
      const iv = randomBytes(ivBytes)
      const cipher = createCipheriv('aes-256-gcm', key, iv)
      const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()])
      return Buffer.concat([Buffer.of(version), iv, cipher.getAuthTag(), body])
    },
    open(sealed) {
      try {
        if (sealed[0] !== version || sealed.length < 1 + ivBytes + tagBytes) throw new Error('not a sealed secret')
        const iv = sealed.subarray(1, 1 + ivBytes)
        const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: tagBytes })
        decipher.setAuthTag(sealed.subarray(1 + ivBytes, 1 + ivBytes + tagBytes))
        return Buffer.concat([decipher.update(sealed.subarray(1 + ivBytes + tagBytes)), decipher.final()]).toString(
          'utf8',
        )
      } catch (error) {
        return fail(
          'unavailable',
          'A stored secret cannot be opened: it was sealed with another key, or was damaged.',
          {
            hint: 'Bring back the key (PLUMBLINE_KEY, or the file `key` of the data folder), or enter the secret again.',
            cause: error,
          },
        )
      }
    },
  }
}

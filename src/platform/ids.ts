/** Ids and secrets. Ids are UUIDv7: rows that are made together lie together on disk. */
import { createHash, randomBytes } from 'node:crypto'
import { v7 } from 'uuid'

export const newId = (): string => v7()

/** 256 random bits in a form that can be typed into a header or an address. */
export const newSecret = (): string => randomBytes(32).toString('base64url')

export const sha256 = (...parts: (string | Uint8Array)[]): Buffer => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

/** JSON with sorted keys, so that equal values have equal digests. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner) =>
    inner && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}

/** Ids and secrets. Ids are UUIDv7: rows that are made together lie together on disk. */
import { createHash, hash, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { v7 } from 'uuid'

/** Random bits are drawn for many ids at once: a call for each would take longer than all else about an id. */
const pool = { bytes: Buffer.alloc(0), at: 0 }
function someBytes(): Uint8Array {
  if (pool.at === pool.bytes.length) Object.assign(pool, { bytes: randomBytes(16 * 1024), at: 0 })
  return pool.bytes.subarray(pool.at, (pool.at += 16))
}

let last = { msecs: 0, seq: 0 }

/** Ids of one process grow strictly, also within a millisecond and when the clock is set back. */
export function newId(): string {
  const random = someBytes()
  const msecs = Math.max(Date.now(), last.msecs)
  const seq = msecs > last.msecs ? (random[6]! << 16) | (random[7]! << 8) | random[8]! : last.seq + 1
  last = { msecs, seq }
  return v7({ msecs, seq, random })
}

/** 256 random bits in a form that can be typed into a header or an address. */
export const newSecret = (): string => randomBytes(32).toString('base64url')

type Part = string | Uint8Array

const scratch = Buffer.allocUnsafe(64 * 1024)

function sha256OfLong(parts: Part[]): string {
  const sum = createHash('sha256')
  for (const part of parts) sum.update(part)
  return sum.digest('hex')
}

/** As hex. In one call, on bytes that are gathered here: an object for each hash takes longer than hashing a short text. */
export function sha256Hex(...parts: Part[]): string {
  let end = 0
  for (const part of parts) {
    // A unit of a string is at most three bytes long.
    if (end + part.length * 3 > scratch.length) return sha256OfLong(parts)
    if (typeof part === 'string') end += scratch.write(part, end)
    else {
      scratch.set(part, end)
      end += part.length
    }
  }
  return hash('sha256', scratch.subarray(0, end), 'hex')
}

export const sha256 = (...parts: Part[]): Buffer => Buffer.from(sha256Hex(...parts), 'hex')

/** Of a file, as hex; it is read in pieces. */
export async function sha256OfFile(path: string): Promise<string> {
  const sum = createHash('sha256')
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), sum)
  return sum.digest('hex')
}

/** JSON with sorted keys, so that equal values have equal digests. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner) =>
    inner && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}

/** The smallest id that can be made at a moment: ids made from then on are not below it. */
export const firstIdAt = (moment: Date): string => v7({ msecs: moment.getTime(), seq: 0, random: new Uint8Array(16) })

/** Below every id that is ever made: where paging by id begins. */
export const belowEveryId = '00000000-0000-0000-0000-000000000000'

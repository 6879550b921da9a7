/**
 * Opens a byte stream, from a file or an upload: unpacks gzip under a guard, takes the byte order mark off, and refuses
 * what is certainly no UTF-8 text, saying what it is instead. Never holds more than a chunk.
 */
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { Problem } from './record.ts'

const mebibyte = 1024 * 1024

export interface Limits {
  /** Bytes of text that one file may unpack to. */
  unpackedBytes: number
  /** Unpacked by packed size; looked at from 64 MiB on, for small files reach any ratio. Real text stays below 30. */
  ratio: number
  /** Bytes of one line, or of one element of a JSON array. */
  lineBytes: number
}

export const defaultLimits: Limits = { unpackedBytes: 64 * 1024 * mebibyte, ratio: 200, lineBytes: 10 * mebibyte }

const ratioCountsFrom = 64 * mebibyte

/** Decoding one chunk makes a string of it: very large ones (an upload held in memory) are cut. */
const chunkBytes = mebibyte

export type Source = AsyncIterable<Uint8Array>

/** Ends the reading of a file. Whoever counts lines catches it and makes it a problem with its line. */
export class Unreadable extends Error {}

/** The bytes of the text, without byte order mark, or throws `Unreadable`. */
export async function* openInput(source: Source, limits: Limits): AsyncGenerator<Buffer> {
  const { head, rest } = await beginning(source, 2)
  const text = head[0] === 0x1f && head[1] === 0x8b ? gunzip(rest, limits) : rest
  const opened = await beginning(text, 512)
  const other = kindOf(opened.head)
  if (other) {
    // Begun and left at once, so that the file behind it is closed.
    for await (const _ of opened.rest) break
    throw new Unreadable(other)
  }
  let skip = opened.head[0] === 0xef && opened.head[1] === 0xbb && opened.head[2] === 0xbf ? 3 : 0
  for await (const chunk of opened.rest) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    for (let from = skip; from < bytes.length; from += chunkBytes) yield bytes.subarray(from, from + chunkBytes)
    skip = Math.max(0, skip - bytes.length)
  }
}

/** Looks at the first `bytes` bytes (fewer where the file is shorter) and gives the stream back whole. */
export async function beginning<B extends Uint8Array>(
  source: AsyncIterable<B>,
  bytes: number,
): Promise<{ head: Buffer; rest: AsyncGenerator<B> }> {
  const iterator = source[Symbol.asyncIterator]()
  const seen: B[] = []
  let length = 0
  while (length < bytes) {
    const { value, done } = await iterator.next()
    if (done) break
    seen.push(value)
    length += value.byteLength
  }
  async function* rest() {
    try {
      yield* seen
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value
    } finally {
      await iterator.return?.()
    }
  }
  return { head: Buffer.concat(seen).subarray(0, bytes), rest: rest() }
}

async function* gunzip(source: Source, { unpackedBytes, ratio }: Limits): AsyncGenerator<Uint8Array> {
  let packed = 0
  let unpacked = 0
  async function* counted() {
    for await (const chunk of source) {
      packed += chunk.byteLength
      yield chunk
    }
  }
  const from = Readable.from(counted(), { objectMode: false })
  const unzip = createGunzip({ chunkSize: 64 * 1024 })
  from.on('error', (error) => unzip.destroy(error))
  from.pipe(unzip)
  try {
    for await (const chunk of unzip as AsyncIterable<Buffer>) {
      unpacked += chunk.byteLength
      if (unpacked > unpackedBytes)
        throw new Unreadable(
          `the gzip file unpacks to more than ${megabytes(unpackedBytes)}; split it into smaller files`,
        )
      if (unpacked > ratioCountsFrom && unpacked > packed * ratio)
        throw new Unreadable(
          `the gzip file unpacks to more than ${ratio} times its size, as only a gzip bomb does; unpack it yourself if you trust it`,
        )
      yield chunk
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'Z_BUF_ERROR') throw new Unreadable('the gzip file is cut off; fetch it again')
    if (code === 'Z_DATA_ERROR') throw new Unreadable('the gzip file is damaged; fetch it again')
    throw error
  } finally {
    from.destroy()
    unzip.destroy()
  }
}

const megabytes = (bytes: number): string => `${Math.round(bytes / mebibyte).toLocaleString('en')} MiB`

const magics: [bytes: number[], kind: string, hint: string][] = [
  [[0xff, 0xfe], 'UTF-16 text (little-endian)', 'save it as UTF-8'],
  [[0xfe, 0xff], 'UTF-16 text (big-endian)', 'save it as UTF-8'],
  [[0x50, 0x4b, 0x03, 0x04], 'a ZIP archive or an Excel workbook', 'unpack it, or export it as CSV'],
  [[0x50, 0x41, 0x52, 0x31], 'a Parquet file', 'convert it to JSONL'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'packed with zstd', 'unpack it, or pack it with gzip'],
  [[0x42, 0x5a, 0x68], 'packed with bzip2', 'unpack it, or pack it with gzip'],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], 'packed with xz', 'unpack it, or pack it with gzip'],
  [[0x1f, 0x8b], 'packed with gzip twice', 'unpack it once'],
  [[0x25, 0x50, 0x44, 0x46], 'a PDF', 'export the data as CSV or JSONL'],
]

/** What the file is, where its first bytes show that it cannot be UTF-8 text. */
function kindOf(head: Uint8Array): string | undefined {
  for (const [magic, kind, hint] of magics)
    if (magic.every((byte, i) => head[i] === byte)) return `the file is ${kind}; ${hint}`
  let even = 0
  let odd = 0
  for (let i = 0; i < head.length; i++) if (head[i] === 0) i % 2 ? (odd += 1) : (even += 1)
  // Latin text in UTF-16 has a NUL in nearly every second byte.
  if (Math.max(even, odd) > head.length / 5) return 'the file is UTF-16 text or binary data; save it as UTF-8'
  return undefined
}

/** The text of bytes that make up whole lines, or where they break the rules. Columns count characters from 1. */
export function decode(bytes: Buffer): string | Omit<Problem, 'line'> {
  const nul = bytes.indexOf(0)
  const text = bytes.toString('utf8')
  // U+FFFD stands for invalid bytes, unless the text really holds one.
  if (text.includes('\ufffd')) {
    let at = 0
    let column = 1
    for (const character of text) {
      const genuine = bytes[at] === 0xef && bytes[at + 1] === 0xbf && bytes[at + 2] === 0xbd
      if (character === '\ufffd' && !genuine) {
        const byte = bytes[at]!.toString(16).padStart(2, '0')
        return { column, reason: `is not UTF-8: invalid byte 0x${byte}; save the file as UTF-8` }
      }
      at += Buffer.byteLength(character)
      column += 1
    }
  }
  if (nul >= 0) return { column: text.indexOf('\0') + 1, reason: 'holds a NUL byte' }
  return text
}

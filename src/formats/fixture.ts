/** Sources held in memory, for the tests of this folder. */
import { Readable } from 'node:stream'
import { formatNamed } from './index.ts'
import type { ImportRecord, Item, ParseOptions, Problem } from './record.ts'

/** Text or bytes as a stream of chunks of `chunk` bytes. */
export const source = (content: string | Uint8Array, chunk = 64 * 1024): AsyncIterable<Uint8Array> => {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  const chunks: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += chunk) chunks.push(bytes.subarray(at, at + chunk))
  return Readable.from(chunks)
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

export const read = (format: string, content: string | Uint8Array, options?: ParseOptions): Promise<Item[]> =>
  collect(formatNamed(format).parse(source(content), options))

/** One JSON row, and what becomes of it: both kinds of outcome, so that a test can ask for either's fields. */
export const readOne = async (format: string, row: unknown): Promise<ImportRecord & Problem> =>
  (await read(format, JSON.stringify(row)))[0] as ImportRecord & Problem

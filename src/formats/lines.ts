/** Bytes to numbered lines, in blocks: one await a chunk instead of one a line. */
import { isUtf8 } from 'node:buffer'
import { decode, type Limits, Unreadable } from './input.ts'
import { Pending } from './pending.ts'
import type { Problem } from './record.ts'

/** Consecutive lines from number `first`, without their line feeds; one that cannot be read is a problem instead. */
export interface Block {
  first: number
  lines: (string | Problem)[]
}

const feed = 10

export async function* readBlocks(input: AsyncIterable<Buffer>, limits: Limits): AsyncGenerator<Block> {
  let first = 1
  const pending = new Pending(limits.lineBytes)
  try {
    for await (const chunk of input) {
      const last = chunk.lastIndexOf(feed)
      if (last < 0) {
        pending.add(chunk)
        continue
      }
      const lines: (string | Problem)[] = []
      let from = 0
      if (pending.length > 0) {
        from = chunk.indexOf(feed) + 1
        pending.add(chunk.subarray(0, from - 1))
        lines.push(lineOf(pending, first, limits))
        pending.clear()
      }
      if (from <= last) append(lines, chunk.subarray(from, last), first + lines.length)
      yield { first, lines }
      first += lines.length
      pending.add(chunk.subarray(last + 1))
    }
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    yield { first, lines: [{ line: first, reason: error.message, fatal: true }] }
    return
  }
  if (pending.length > 0) yield { first, lines: [lineOf(pending, first, limits)] }
}

/** What is pending as a line, element or problem with this number. */
export function lineOf(pending: Pending, line: number, { lineBytes }: Limits): string | Problem {
  if (pending.isOver) return { line, reason: `is longer than ${Math.round(lineBytes / 1024 / 1024)} MB` }
  return numbered(pending.bytes, line)
}

function numbered(bytes: Buffer, line: number): string | Problem {
  const text = decode(bytes)
  return typeof text === 'string' ? text : { line, ...text }
}

/** Whole lines at once where they are clean, which nearly all are; one by one otherwise. */
function append(lines: (string | Problem)[], bytes: Buffer, first: number): void {
  if (isUtf8(bytes) && !bytes.includes(0)) {
    for (const text of bytes.toString('utf8').split('\n')) lines.push(text)
    return
  }
  let from = 0
  for (let line = first; from <= bytes.length; line += 1) {
    const at = bytes.indexOf(feed, from)
    const to = at < 0 ? bytes.length : at
    lines.push(numbered(bytes.subarray(from, to), line))
    from = to + 1
  }
}

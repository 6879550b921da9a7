/** Bytes to numbered lines, in blocks: one await a chunk instead of one a line. */
import { isUtf8 } from 'node:buffer'
import { decode, type Limits, Unreadable } from './input.ts'
import type { Problem } from './record.ts'

/** Consecutive lines from number `first`, without their line feeds; one that cannot be read is a problem instead. */
export interface Block {
  first: number
  lines: (string | Problem)[]
}

const feed = 10

export const tooLong = (line: number, { lineBytes }: Limits): Problem => ({
  line,
  reason: `is longer than ${Math.round(lineBytes / 1024 / 1024)} MB`,
})

export async function* readBlocks(input: AsyncIterable<Buffer>, limits: Limits): AsyncGenerator<Block> {
  let first = 1
  let held: Buffer[] = []
  let heldBytes = 0
  let skipping = false
  const hold = (bytes: Buffer) => {
    heldBytes += bytes.length
    if (heldBytes > limits.lineBytes) skipping = true
    // What is only skipped must not pile up in memory.
    held = skipping ? [] : [...held, bytes]
  }
  try {
    for await (const chunk of input) {
      const last = chunk.lastIndexOf(feed)
      if (last < 0) {
        hold(chunk)
        continue
      }
      const lines: (string | Problem)[] = []
      let from = 0
      if (heldBytes > 0) {
        from = chunk.indexOf(feed) + 1
        hold(chunk.subarray(0, from - 1))
        lines.push(skipping ? tooLong(first, limits) : line(Buffer.concat(held), first))
      }
      if (from <= last) append(lines, chunk.subarray(from, last), first + lines.length)
      yield { first, lines }
      first += lines.length
      held = []
      heldBytes = 0
      skipping = false
      if (last + 1 < chunk.length) hold(chunk.subarray(last + 1))
    }
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    yield { first, lines: [{ line: first, reason: error.message, fatal: true }] }
    return
  }
  if (heldBytes > 0) yield { first, lines: [skipping ? tooLong(first, limits) : line(Buffer.concat(held), first)] }
}

function line(bytes: Buffer, number: number): string | Problem {
  const text = decode(bytes)
  return typeof text === 'string' ? text : { line: number, ...text }
}

/** Whole lines at once where they are clean, which nearly all are; one by one otherwise. */
function append(lines: (string | Problem)[], bytes: Buffer, first: number): void {
  if (isUtf8(bytes) && !bytes.includes(0)) {
    for (const text of bytes.toString('utf8').split('\n')) lines.push(text)
    return
  }
  let from = 0
  for (let number = first; from <= bytes.length; number += 1) {
    const at = bytes.indexOf(feed, from)
    const to = at < 0 ? bytes.length : at
    lines.push(line(bytes.subarray(from, to), number))
    from = to + 1
  }
}

/**
 * The elements of one JSON array, `[{...}, {...}]`, one by one: whole data sets come as such a file, often on a single
 * line. Works on bytes, since every sign of JSON's structure is one byte in UTF-8.
 */
import { decode, type Limits, Unreadable } from './input.ts'
import { parseRow } from './json.ts'
import { tooLong } from './lines.ts'
import type { RowItem } from './record.ts'

const sign = { quote: 34, comma: 44, open: 91, backslash: 92, close: 93, brace: 123, endBrace: 125, feed: 10 } as const
const isSpace = (byte: number): boolean => byte === 32 || (byte >= 9 && byte <= 13)

/** Rows by chunk; each carries the line on which its element begins. */
export async function* readElements(input: AsyncIterable<Buffer>, limits: Limits): AsyncGenerator<RowItem[]> {
  let line = 1
  /** 0 before the array, 1 between elements, more inside one, -1 after the array. */
  let depth = 0
  let began = 1
  let inElement = false
  let inText = false
  let escaped = false
  let held: Buffer[] = []
  let heldBytes = 0
  const rows: RowItem[] = []
  const hold = (bytes: Buffer) => {
    heldBytes += bytes.length
    held = heldBytes > limits.lineBytes ? [] : [...held, bytes]
  }
  const close = () => {
    if (inElement)
      rows.push(heldBytes > limits.lineBytes ? tooLong(began, limits) : element(Buffer.concat(held), began))
    held = []
    heldBytes = 0
    inElement = false
  }
  try {
    for await (const chunk of input) {
      let from = 0
      for (let i = 0; i < chunk.length; i++) {
        const byte = chunk[i]!
        if (byte === sign.feed) line += 1
        if (inText) {
          if (escaped) escaped = false
          else if (byte === sign.backslash) escaped = true
          else if (byte === sign.quote) inText = false
          continue
        }
        if (isSpace(byte)) continue
        if (depth === -1) {
          rows.push({ line, reason: 'the JSON array has ended, but the file goes on', fatal: true })
          yield rows
          return
        }
        if (depth === 1 && (byte === sign.comma || byte === sign.close)) {
          hold(chunk.subarray(inElement ? from : i, i))
          if (!inElement && byte === sign.comma) rows.push({ line, reason: 'a comma with no element before it' })
          close()
          if (byte === sign.close) depth = -1
          continue
        }
        if (depth === 1 && !inElement) {
          inElement = true
          began = line
          from = i
        }
        if (byte === sign.quote) inText = true
        else if (byte === sign.open || byte === sign.brace) depth += 1
        else if (byte === sign.close || byte === sign.endBrace) depth -= 1
      }
      if (inElement) hold(chunk.subarray(from))
      yield rows.splice(0)
    }
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    rows.push({ line, reason: error.message, fatal: true })
    yield rows
    return
  }
  if (depth !== -1)
    rows.push({
      line: inElement ? began : line,
      reason: inElement ? 'the JSON array ends inside the element that begins here' : 'the JSON array has no end',
      fatal: true,
    })
  yield rows
}

function element(bytes: Buffer, line: number): RowItem {
  const text = decode(bytes)
  if (typeof text === 'string') return parseRow(text, line)
  return { line, reason: text.reason }
}

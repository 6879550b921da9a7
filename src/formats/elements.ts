/**
 * The elements of one JSON array, `[{...}, {...}]`, one by one: whole data sets come as such a file, often on a single
 * line. Works on bytes, since every sign of JSON's structure is one byte in UTF-8.
 */
import { type Limits, Unreadable } from './input.ts'
import { parseRow } from './json.ts'
import { lineOf } from './lines.ts'
import { Pending } from './pending.ts'
import type { RowItem } from './record.ts'

const sign = { quote: 34, comma: 44, open: 91, backslash: 92, close: 93, brace: 123, endBrace: 125, feed: 10 } as const
const isSpace = (byte: number): boolean => byte === 32 || (byte >= 9 && byte <= 13)

/** Rows by chunk; each carries the line on which its element begins. */
export async function* readElements(input: AsyncIterable<Buffer>, limits: Limits): AsyncGenerator<RowItem[]> {
  const scanner = new ElementScanner(limits)
  try {
    for await (const chunk of input) {
      yield scanner.push(chunk)
      if (scanner.isOver) return
    }
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    yield [{ line: scanner.line, reason: error.message, fatal: true }]
    return
  }
  yield scanner.end()
}

class ElementScanner {
  line = 1
  /** Nothing more can be read. */
  isOver = false
  private readonly limits: Limits
  private readonly pending: Pending
  /** Open brackets: 0 before the array, 1 between its elements. */
  private depth = 0
  private hasEnded = false
  private began = 0
  private textBegan = 0
  private inElement = false
  private inText = false
  private isEscaped = false
  private afterComma = false

  constructor(limits: Limits) {
    this.limits = limits
    this.pending = new Pending(limits.lineBytes)
  }

  push(chunk: Buffer): RowItem[] {
    const rows: RowItem[] = []
    let from = 0
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i]!
      if (this.inText) {
        // No text of JSON spans lines: one that does has lost its closing quote, and what is a text is guesswork now.
        if (byte === sign.feed)
          return this.stop(rows, this.textBegan, 'a text that begins here is not closed in its line')
        if (this.isEscaped) this.isEscaped = false
        else if (byte === sign.backslash) this.isEscaped = true
        else if (byte === sign.quote) this.inText = false
        continue
      }
      if (byte === sign.feed) this.line += 1
      if (isSpace(byte)) continue
      if (this.hasEnded) return this.stop(rows, this.line, 'the JSON array has ended, but the file goes on')
      if (this.depth === 1) {
        if (byte === sign.endBrace) return this.stop(rows, this.line, 'a } that closes nothing')
        if (byte === sign.comma || byte === sign.close) {
          if (this.inElement) {
            this.pending.add(chunk.subarray(from, i))
            rows.push(this.element())
          } else if (byte === sign.comma || this.afterComma)
            rows.push({ line: this.line, reason: 'a comma without an element beside it' })
          this.inElement = false
          this.afterComma = byte === sign.comma
          this.hasEnded = byte === sign.close
          continue
        }
        if (!this.inElement) {
          this.inElement = true
          this.began = this.line
          from = i
        }
      }
      if (byte === sign.quote) {
        this.inText = true
        this.textBegan = this.line
      } else if (byte === sign.open || byte === sign.brace) this.depth += 1
      else if (byte === sign.close || byte === sign.endBrace) this.depth -= 1
    }
    if (this.inElement) this.pending.add(chunk.subarray(from))
    return rows
  }

  end(): RowItem[] {
    if (this.hasEnded) return []
    if (this.inElement) return this.stop([], this.began, 'the file ends inside the element that begins here')
    return this.stop([], this.line, 'the JSON array has no end')
  }

  private element(): RowItem {
    const text = lineOf(this.pending, this.began, this.limits)
    this.pending.clear()
    return typeof text === 'string' ? parseRow(text, this.began, 'element') : text
  }

  private stop(rows: RowItem[], line: number, reason: string): RowItem[] {
    this.isOver = true
    rows.push({ line, reason, fatal: true })
    return rows
  }
}

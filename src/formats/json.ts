/** One JSON text to one row, refusing what `JSON.parse` lets through: NUL, half surrogate pairs, bottomless nesting. */
import { syntaxFault } from './json-fault.ts'
import type { Row, RowItem } from './record.ts'

/** Only these escapes can bring a NUL or half a surrogate pair into a text that was valid UTF-8. */
const suspicious = /\\u(?:0000|[dD][89a-fA-F])/

/** Metadata nested deeper than this would break whoever walks it recursively. */
const deepest = 128

/** `unit` says where columns count from: an element of an array may begin anywhere in its line, so it has none. */
export function parseRow(text: string, line: number, unit: 'line' | 'element' = 'line'): RowItem {
  const place = ({ column, reason }: { column: number; reason: string }) =>
    unit === 'line' ? { line, column, reason } : { line, reason: `${reason} (character ${column} of the element)` }
  if (isDeeperThan(deepest, text)) return { line, reason: `is nested more than ${deepest} levels deep` }
  let row: unknown
  try {
    row = JSON.parse(text)
  } catch {
    return place(syntaxFault(text))
  }
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return { line, reason: 'is not a JSON object' }
  const fault = suspicious.test(text) ? escapeFault(text) : undefined
  if (fault) return place(fault)
  return { line, row: row as Row }
}

/** Where the text escapes a NUL or an unpaired surrogate, neither of which PostgreSQL or UTF-8 can hold. */
function escapeFault(text: string): { column: number; reason: string } | undefined {
  const escapes = /\\(?:u([0-9a-fA-F]{4})|.)/g
  for (let match = escapes.exec(text); match; match = escapes.exec(text)) {
    if (match[1] === undefined) continue
    const unit = Number.parseInt(match[1], 16)
    const fault = { column: match.index + 1, reason: `holds a lone surrogate, ${match[0]}` }
    if (unit === 0) return { ...fault, reason: 'holds a NUL character, \\u0000' }
    if (unit >= 0xdc00 && unit <= 0xdfff) return fault
    if (unit >= 0xd800 && unit <= 0xdbff) {
      if (!/^\\u[dD][c-fC-F]/.test(text.slice(escapes.lastIndex, escapes.lastIndex + 4))) return fault
      escapes.lastIndex += 6
    }
  }
  return undefined
}

/** Looked at in the text, for parsing a line of ten million brackets would take 700 MB. */
function isDeeperThan(levels: number, text: string): boolean {
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const character = text.charCodeAt(i)
    if (character === sign.quote) i = closingQuote(text, i)
    else if (character === sign.open || character === sign.brace) {
      depth += 1
      if (depth > levels) return true
    } else if (character === sign.close || character === sign.endBrace) depth -= 1
  }
  return false
}

/** Where the text that begins at `start` ends; the end of the line where it does not. */
function closingQuote(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let before = at
    while (text.charCodeAt(before - 1) === sign.backslash) before -= 1
    if ((at - before) % 2 === 0) return at
  }
  return text.length
}

const sign = { quote: 34, backslash: 92, open: 91, close: 93, brace: 123, endBrace: 125 } as const

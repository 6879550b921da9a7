/** One JSON text to one row, refusing what `JSON.parse` lets through: NUL, half surrogate pairs, bottomless nesting. */
import { syntaxFault } from './json-fault.ts'
import type { Row, RowItem } from './record.ts'

/** Only these escapes can bring a NUL or half a surrogate pair into a text that was valid UTF-8. */
const suspicious = /\\u(?:0000|[dD][89a-fA-F])/

/** Metadata nested deeper than this would break whoever walks it recursively. */
const deepest = 64

export function parseRow(text: string, line: number): RowItem {
  let row: unknown
  try {
    row = JSON.parse(text)
  } catch {
    return { line, ...syntaxFault(text) }
  }
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return { line, reason: 'is not a JSON object' }
  const fault = suspicious.test(text) ? escapeFault(text) : undefined
  if (fault) return { line, ...fault }
  if (isDeeperThan(row, deepest)) return { line, reason: `is nested more than ${deepest} levels deep` }
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

function isDeeperThan(value: object, levels: number): boolean {
  if (levels === 0) return true
  for (const inner of Object.values(value))
    if (typeof inner === 'object' && inner !== null && isDeeperThan(inner, levels - 1)) return true
  return false
}

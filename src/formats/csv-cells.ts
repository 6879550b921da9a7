/** Cells of a CSV file, safe to open in a spreadsheet. */

/** A spreadsheet takes a cell that begins so for a formula, in its full-width forms too. */
const formula = /^'*[=+\-@\t\r\n＝＋－＠]/

/** Puts an apostrophe before what a spreadsheet would execute; `unguard` takes exactly that one off again. */
const guard = (text: string): string => (formula.test(text) ? `'${text}` : text)
export const unguard = (text: string): string => (text.startsWith("'") && formula.test(text) ? text.slice(1) : text)

const needsQuotes = (text: string, delimiter: string): boolean =>
  text === '' || text.includes(delimiter) || /["\r\n]|^\s|\s$/.test(text)

/** One cell: texts guarded, numbers and booleans bare, null and undefined nothing, everything else as JSON. */
export function csvCell(value: unknown, delimiter = ','): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  const text = guard(typeof value === 'string' ? value : JSON.stringify(value))
  return needsQuotes(text, delimiter) ? `"${text.replaceAll('"', '""')}"` : text
}

export const csvLine = (cells: unknown[], delimiter = ','): string =>
  `${cells.map((cell) => csvCell(cell, delimiter)).join(delimiter)}\r\n`

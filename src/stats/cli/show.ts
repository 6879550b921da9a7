/** How the statistics commands print: tables for a terminal, CSV for files, and the lines every JSON result carries. */
import { csvCell } from '../../formats/csv-cells.ts'

/** Method, version and seed, by which a figure can be computed again. */
export const method = (name: string, seed?: number): { method: string; version: 1; seed?: number } =>
  seed === undefined ? { method: name, version: 1 } : { method: name, version: 1, seed }

export const decimals = (value: number | undefined, places = 3): string =>
  value === undefined ? '' : value.toFixed(places)

/** Columns side by side; columns whose cells are all numbers are set right. */
export function textTable(header: string[], rows: string[][]): string {
  const width = header.map((name) => name.length)
  for (const row of rows)
    if (row.length === header.length) for (const [c, cell] of row.entries()) width[c] = Math.max(width[c]!, cell.length)
  const right = header.map((_, c) => rows.every((row) => row.length < header.length || /^-?[\d.]*%?$/.test(row[c]!)))
  const line = (row: string[]) =>
    row
      .map((cell, c) => (right[c] ? cell.padStart(width[c]!) : cell.padEnd(width[c]!)))
      .join('  ')
      .trimEnd()
  return [line(header), ...rows.map(line)].join('\n')
}

/** A label that is a number, as -1, is none of the formulas that a spreadsheet would execute. */
const plain = (cell: string | number) => (String(Number(cell)) === cell ? Number(cell) : cell)

export const csv = (rows: readonly (readonly (string | number)[])[]): string =>
  rows.map((row) => `${row.map((cell) => (cell === '' ? cell : csvCell(plain(cell)))).join(',')}\n`).join('')

/** Ratings from a file in any of the four layouts, with the names of the items. */
import { say } from '../../platform/command.ts'
import {
  codesOf,
  findDuplicate,
  type Ratings,
  ratingsFromGrid,
  ratingsFromLong,
  ratingsFromTable,
} from '../agreement/ratings.ts'
import { refuse } from '../errors.ts'
import { parseColumns, readColumns, readGrid } from './read.ts'

export interface NamedRatings {
  ratings: Ratings
  itemNames: string[]
  raterNames: string[]
}

export function readRatings(
  file: string,
  layout: 'long' | 'raters' | 'units' | 'table',
  flags: { order?: string; columns?: string },
): NamedRatings {
  const order = flags.order?.split(',').map((label) => label.trim())
  if (layout === 'long') return readLong(file, flags.columns, order)
  if (layout === 'table') {
    const ratings = ratingsFromTable(...readTable(file))
    return {
      ratings,
      itemNames: Array.from({ length: ratings.items }, (_, i) => String(i + 1)),
      raterNames: ['rows', 'columns'],
    }
  }
  const { rows, header } = readGrid(file, { header: layout === 'raters' })
  const cells = withoutMarks(layout === 'raters' ? rows : rows[0]!.map((_, i) => rows.map((row) => row[i]!)))
  const itemNames = cells.flatMap((row, i) => (row.some((cell) => cell !== '') ? [String(i + 1)] : []))
  const raterNames = layout === 'raters' ? header : rows.map((_, g) => String(g + 1))
  return { ratings: ratingsFromGrid(cells, order), itemNames, raterNames }
}

const missingMarks = new Set(['NA', 'N/A', 'NaN', 'nan', 'null', 'None', '*', '.', '-'])

/** Among labels that are all numbers, the usual marks of a missing value are none; among others they may be labels. */
function withoutMarks(cells: string[][]): string[][] {
  const odd = cells.flat().filter((cell) => cell !== '' && !Number.isFinite(Number(cell)))
  if (odd.length === 0 || !odd.every((cell) => missingMarks.has(cell))) return cells
  say(`${odd.length} cells (${[...new Set(odd)].join(', ')}) among numbers are taken as missing.`)
  return cells.map((row) => row.map((cell) => (missingMarks.has(cell) ? '' : cell)))
}

function readLong(file: string, columns: string | undefined, order: string[] | undefined): NamedRatings {
  const names = parseColumns(columns, { item: 'item', worker: 'worker', label: 'label' })
  const { values, lines } = readColumns(file, names)
  const ratings = ratingsFromLong(values.item, values.worker, values.label, order)
  const twice = findDuplicate(ratings)
  if (twice) {
    const [first, second] = twice
    refuse(
      `Worker ${values.worker[second]} labels item ${values.item[second]} a second time (first on line ${lines[first]}).`,
      {
        where: `${file}, line ${lines[second]}, column ${names.worker}`,
        hint: 'Agreement counts one label of a worker on an item: keep the one that is in force.',
      },
    )
  }
  return { ratings, itemNames: codesOf(values.item).names, raterNames: codesOf(values.worker).names }
}

/** A square table of counts; the first column and the header name the categories, in the same order. */
function readTable(file: string): [number[][], string[]] {
  const { header, rows, lines } = readGrid(file, { header: true })
  const categories = header.slice(1)
  if (rows.length !== categories.length)
    refuse(`The table has ${rows.length} rows and ${categories.length} columns of counts; it must be square.`, {
      where: file,
    })
  const counts = rows.map((row, k) => {
    const line = `${file}, line ${lines[k]}`
    if (row[0] !== categories[k])
      refuse(`The row is called ${row[0]}, the column of the same place ${categories[k]}.`, {
        where: `${line}, column 1`,
        hint: 'Rows and columns name the same categories in the same order.',
      })
    return row.slice(1).map((cell, l) => {
      const count = Number(cell)
      if (cell === '' || !Number.isInteger(count) || count < 0)
        refuse(`A count (0, 1, 2, ...) was expected, found "${cell}".`, { where: `${line}, column ${categories[l]}` })
      return count
    })
  })
  if (counts.flat().every((count) => count === 0)) refuse('Every count is 0.', { where: file })
  return [counts, categories]
}

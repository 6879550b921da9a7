/** Reads columns and grids from CSV, TSV and JSONL files. Every fault names file, line and column and what was expected. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { refuse } from '../errors.ts'

/** Loaded with the first file: every start of the command line passes here, and hardly any reads CSV. */
const csvParse = () => createRequire(import.meta.url)('csv-parse/sync') as typeof import('csv-parse/sync')

export interface Columns<K extends string> {
  file: string
  /** Number of rows. */
  length: number
  /** Line in the file where each row ends. */
  lines: number[]
  /** Values by name; an optional column that the file lacks is an empty array. */
  values: Record<K, string[]>
}

export interface ReadOptions<K extends string> {
  /** Names whose column may be absent. */
  optional?: readonly K[]
  /** Names whose column must exist but whose values may be empty. */
  mayBeEmpty?: readonly K[]
}

const isJsonLines = (file: string) => /\.(jsonl|ndjson)$/i.test(file)

/** A comma; where the first line has none, the semicolon or tab that it has: spreadsheets of many countries write those. */
function delimiterOf(content: Buffer): string {
  const end = content.indexOf('\n')
  const first = content.subarray(0, end < 0 ? content.length : end).toString('utf8')
  if (first.includes(',')) return ','
  return first.includes(';') ? ';' : first.includes('\t') ? '\t' : ','
}

/** Calls `row` with the cells of each record and the line where it ends. Blank lines are passed over. */
function eachRecord(file: string, row: (cells: string[], line: number) => void): void {
  const { CsvError, parse } = csvParse()
  try {
    const content = readFileSync(file)
    parse(content, {
      bom: true,
      delimiter: delimiterOf(content),
      record_delimiter: ['\r\n', '\n', '\r'],
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
      on_record(cells: string[], { lines }: { lines: number }) {
        row(cells, lines)
        return null
      },
    })
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    const line = typeof error.lines === 'number' ? error.lines : '?'
    const column = typeof error.column === 'number' ? error.column + 1 : undefined
    refuse(
      error.code === 'CSV_QUOTE_NOT_CLOSED'
        ? 'A quoted value is never closed.'
        : 'A quote stands where none may stand: a value with quotes must be quoted itself, its quotes doubled.',
      {
        where: `${file}, line ${line}${column ? `, column ${column}` : ''}`,
        hint: 'Write "a ""quoted"" word" for a "quoted" word.',
      },
    )
  }
}

/**
 * Reads named columns.
 * @param columns name used here -> name of the column (JSONL: of the field) in the file
 */
export function readColumns<K extends string>(
  file: string,
  columns: Record<K, string>,
  { optional = [], mayBeEmpty = [] }: ReadOptions<K> = {},
): Columns<K> {
  const names = Object.keys(columns) as K[]
  const values = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<K, string[]>
  const lines: number[] = []
  // The same text again is the same string, so that a million labels of three kinds hold three strings.
  const known = new Map<string, string>()
  const keep = (text: string) => {
    const kept = known.get(text)
    if (kept !== undefined) return kept
    if (known.size < 1_000_000) known.set(text, text)
    return text
  }
  const add = (name: K, text: string | undefined, line: number, why: string) => {
    if ((text === undefined || text === '') && !mayBeEmpty.includes(name) && !optional.includes(name))
      refuse(why, {
        where: `${file}, line ${line}, column ${columns[name]}`,
        hint: `Give the row a value for ${columns[name]}, or take the row out.`,
      })
    values[name].push(keep(text ?? ''))
  }

  if (isJsonLines(file)) {
    const seen = new Set<K>()
    eachJsonLine(file, (object, line) => {
      lines.push(line)
      for (const name of names) {
        const value = object[columns[name]]
        if (value !== undefined) seen.add(name)
        if (value !== null && typeof value === 'object')
          refuse(
            `A text, number or truth value was expected, found ${Array.isArray(value) ? 'a list' : 'an object'}.`,
            {
              where: `${file}, line ${line}, field ${columns[name]}`,
            },
          )
        add(name, value === undefined || value === null ? undefined : String(value), line, 'A value is missing.')
      }
    })
    for (const name of optional) if (!seen.has(name)) values[name] = []
  } else {
    let header: string[] | undefined
    let at: [K, number][] = []
    eachRecord(file, (cells, line) => {
      if (!header) {
        header = cells
        at = positions(file, columns, cells, line, optional)
        return
      }
      if (cells.length > header.length)
        refuse(`The row has ${cells.length} values, the header names ${header.length} columns.`, {
          where: `${file}, line ${line}, column ${header.length + 1}`,
          hint: 'A value that holds a comma must stand in quotes.',
        })
      lines.push(line)
      for (const [name, index] of at)
        add(
          name,
          cells[index],
          line,
          index < cells.length
            ? 'A value is missing.'
            : `The row ends after ${cells.length} of ${header.length} values; ${columns[name]} is missing.`,
        )
    })
    if (!header)
      refuse('The file is empty.', { where: file, hint: `Expected a header: ${Object.values(columns).join(',')}` })
  }
  if (lines.length === 0) refuse('The file has no rows.', { where: file })
  return { file, length: lines.length, lines, values }
}

function positions<K extends string>(
  file: string,
  columns: Record<K, string>,
  header: string[],
  line: number,
  optional: readonly K[],
): [K, number][] {
  const found: [K, number][] = []
  for (const name of Object.keys(columns) as K[]) {
    const index = header.indexOf(columns[name])
    if (index < 0 && optional.includes(name)) continue
    if (index < 0)
      refuse(`There is no column ${columns[name]}; the header has ${header.join(', ')}.`, {
        where: `${file}, line ${line}`,
        hint: `Name the column: --columns ${name}=NAME`,
      })
    if (header.indexOf(columns[name], index + 1) >= 0)
      refuse(`Two columns are called ${columns[name]}.`, { where: `${file}, line ${line}` })
    found.push([name, index])
  }
  return found
}

function eachJsonLine(file: string, row: (object: Record<string, unknown>, line: number) => void): void {
  const text = readFileSync(file, 'utf8').replace(/^\uFEFF/, '')
  let line = 0
  for (const entry of text.split('\n')) {
    line++
    if (entry.trim() === '') continue
    let value: unknown
    try {
      value = JSON.parse(entry)
    } catch (error) {
      refuse(`This line is not JSON: ${(error as Error).message}.`, {
        where: `${file}, line ${line}`,
        hint: 'One JSON object a line.',
      })
    }
    if (value === null || typeof value !== 'object' || Array.isArray(value))
      refuse('A JSON object was expected on this line.', { where: `${file}, line ${line}` })
    row(value as Record<string, unknown>, line)
  }
}

export interface Grid {
  file: string
  header: string[]
  rows: string[][]
  lines: number[]
}

/** Reads a rectangular file; an empty cell is an empty text. Without a header, `header` is empty. */
export function readGrid(file: string, { header }: { header: boolean }): Grid {
  const grid: Grid = { file, header: [], rows: [], lines: [] }
  let width: number | undefined
  eachRecord(file, (cells, line) => {
    width ??= cells.length
    if (cells.length !== width)
      refuse(`The row has ${cells.length} values, the first one has ${width}.`, {
        where: `${file}, line ${line}, column ${Math.min(cells.length, width) + 1}`,
      })
    if (header && grid.header.length === 0) grid.header = cells
    else {
      grid.rows.push(cells)
      grid.lines.push(line)
    }
  })
  if (grid.rows.length === 0) refuse('The file has no rows.', { where: file })
  return grid
}

/** Reads `--columns item=a,worker=b` over the default names; an unknown name is refused. */
export function parseColumns<K extends string>(
  text: string | undefined,
  defaults: Record<K, string>,
): Record<K, string> {
  const columns = { ...defaults }
  for (const part of text ? text.split(',') : []) {
    const [name, column] = part.split(/=(.*)/s).map((piece) => piece.trim())
    if (!name || !column || !(name in defaults))
      refuse(`--columns does not understand ${part}.`, {
        where: '--columns',
        hint: `Write ${Object.keys(defaults)
          .map((key) => `${key}=NAME`)
          .join(',')} (each one optional).`,
      })
    columns[name as K] = column
  }
  return columns
}

/** The number in a cell, or a refusal that names the place. */
export function numberAt(columns: Columns<string>, name: string, row: number, column = name): number {
  const text = columns.values[name]![row]!
  const value = Number(text)
  if (text === '' || !Number.isFinite(value))
    refuse(`A number was expected, found ${text === '' ? 'nothing' : `"${text}"`}.`, {
      where: `${columns.file}, line ${columns.lines[row]}, column ${column}`,
    })
  return value
}

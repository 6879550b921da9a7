/**
 * Delimited tables (RFC 4180): comma, semicolon or tab, cells in double quotes where needed, a first line of column names.
 *
 * A quote that never closes must not swallow the rest of the file: such a row is refused with its line, and reading goes
 * on at the line after it.
 */
import type { Block } from './lines.ts'
import type { Problem, Row, RowItem } from './record.ts'

/** As in PostgreSQL's COPY: nothing between two separators is no value, a pair of quotes is an empty text. */
type Cell = string | null

/** A row being read. Its last cell may be quoted and still open: then `parts` holds that cell's lines so far. */
interface OpenRow {
  cells: Cell[]
  parts: string[]
  /** Lines of the file taken so far, and their characters. */
  lines: number
  length: number
}

const unclosed = { reason: 'opens a quote that is not closed' }

type Scanned = 'done' | 'open' | { column: number; reason: string }

/** Continues a row with one more line of the file. */
function scan(row: OpenRow, line: string, delimiter: string): Scanned {
  const carriage = line.endsWith('\r') ? '\r' : ''
  const text = carriage ? line.slice(0, -1) : line
  let at = 0
  let quoted = row.parts.length > 0
  for (;;) {
    if (!quoted && text[at] === '"') {
      quoted = true
      at += 1
    }
    if (!quoted) {
      const end = text.indexOf(delimiter, at)
      row.cells.push(text.slice(at, end < 0 ? text.length : end) || null)
      if (end < 0) return 'done'
      at = end + 1
      continue
    }
    let close = text.indexOf('"', at)
    while (close >= 0 && text[close + 1] === '"') close = text.indexOf('"', close + 2)
    row.parts.push(close < 0 ? text.slice(at) + carriage : text.slice(at, close))
    if (close < 0) return 'open'
    row.cells.push(row.parts.join('\n').replaceAll('""', '"'))
    row.parts = []
    quoted = false
    at = close + 1
    if (at === text.length) return 'done'
    if (text[at] !== delimiter)
      return {
        column: at + 1,
        reason: 'a quoted cell goes on after its closing quote; a quote inside it is written twice',
      }
    at += 1
  }
}

/** The separator that the header uses most outside quotes. */
function delimiterOf(header: string): string {
  const bare = header.replace(/"[^"]*"/g, '')
  const count = (separator: string) => bare.split(separator).length
  return [',', '\t', ';'].reduce((best, other) => (count(other) > count(best) ? other : best))
}

/** Turns blocks of lines into rows by column name: `push` each block in order, then `end`. */
export class TableReader {
  private columns: string[] | undefined
  private delimiter: string | undefined
  /** Longest row in characters: an open quote is given up there. */
  private readonly longest: number
  /** Lines not yet part of a finished row; the first is number `first` and begins a row. */
  private lines: (string | Problem)[] = []
  private first = 1
  private ended = false
  /** The row at `first`, where it was still open when the lines ran out. */
  private open: OpenRow | undefined

  constructor(longest: number, delimiter?: string) {
    this.longest = longest
    this.delimiter = delimiter
  }

  push(block: Block): RowItem[] {
    this.lines = this.lines.length === 0 ? block.lines : this.lines.concat(block.lines)
    this.first = block.first + block.lines.length - this.lines.length
    return this.read(false)
  }

  end(): RowItem[] {
    return this.read(true)
  }

  private read(last: boolean): RowItem[] {
    const items: RowItem[] = []
    let start = 0
    while (start < this.lines.length && !this.ended) {
      const taken = this.row(start, last, items)
      if (taken === 0) break
      start += taken
    }
    this.lines = this.lines.slice(start)
    this.first += start
    return items
  }

  /** Reads the row that begins at `start` and returns how many lines it took; 0 where it needs more lines. */
  private row(start: number, last: boolean, items: RowItem[]): number {
    const number = this.first + start
    const line = this.lines[start]!
    if (typeof line !== 'string') {
      items.push(line)
      this.ended = line.fatal === true
      return 1
    }
    if (line === '' || line === '\r') return 1
    this.delimiter ??= delimiterOf(line)
    if (!line.includes('"')) {
      const cells: Cell[] = (line.endsWith('\r') ? line.slice(0, -1) : line).split(this.delimiter)
      for (let i = 0; i < cells.length; i++) cells[i] ||= null
      this.finish(cells, number, items)
      return 1
    }
    const open = this.open ?? { cells: [], parts: [], lines: 0, length: 0 }
    this.open = undefined
    const refuse = (problem: Omit<Problem, 'line'>) => {
      items.push({ line: number, ...problem })
      return 1
    }
    for (let next = this.lines[start + open.lines]; next !== undefined; next = this.lines[start + open.lines]) {
      if (typeof next !== 'string') return refuse(unclosed)
      const scanned = scan(open, next, this.delimiter)
      open.lines += 1
      open.length += next.length
      if (scanned === 'done') {
        this.finish(open.cells, number, items)
        return open.lines
      }
      if (scanned !== 'open') {
        const { column, reason } = scanned
        if (open.lines === 1) return refuse({ column, reason })
        return refuse({ reason: `${reason} (line ${number + open.lines - 1}, character ${column})` })
      }
      if (open.length > this.longest) return refuse(unclosed)
    }
    if (last) return refuse(unclosed)
    this.open = open
    return 0
  }

  private finish(cells: Cell[], line: number, items: RowItem[]): void {
    if (!this.columns) {
      const names = cells.map((name) => (name ?? '').trim())
      const fault = headerFault(names)
      if (fault) {
        items.push({ line, reason: fault, fatal: true })
        this.ended = true
      } else this.columns = names
      return
    }
    const { columns } = this
    if (cells.length !== columns.length) {
      items.push({ line, reason: `has ${cells.length} cells where the header has ${columns.length}` })
      return
    }
    const row: Row = {}
    for (let i = 0; i < columns.length; i++) row[columns[i]!] = cells[i]
    items.push({ line, row })
  }
}

function headerFault(names: string[]): string | undefined {
  const empty = names.indexOf('')
  if (empty >= 0) return `the header has no name for column ${empty + 1}`
  const twice = names.find((name, i) => names.indexOf(name) < i)
  if (twice !== undefined) return `the header names the column "${twice}" twice`
  // Assigning this name would set the prototype of every row.
  return names.includes('__proto__') ? 'the header may not name a column "__proto__"' : undefined
}

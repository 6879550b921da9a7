/** "Export what is shown": every row that the filters let through, in the order and with the columns of the screen, as CSV. */
import { Button } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useRef, useState } from 'react'
import { csvLine } from '../formats/csv-cells.ts'
import { notify, notifyProblem } from './notices.tsx'
import { count } from './numbers.ts'
import { isAborted } from './problem.ts'
import { save } from './save.ts'
import type { Column, RowPage } from './table.tsx'

/** A spreadsheet holds about a million rows; beyond it the exports of the server are the place. */
const mostRows = 1_000_000

/** What a cell says in words and figures: what the column says of itself, the field of its name, or a plain cell. */
function textOf<Row>({ key, text, cell }: Column<Row>, row: Row): unknown {
  if (text) return text(row)
  const field = (row as Record<string, unknown>)[key]
  if (field !== undefined) return field
  const shown = cell(row)
  return typeof shown === 'string' || typeof shown === 'number' ? shown : null
}

interface Wanted<Row> {
  columns: readonly Column<Row>[]
  /** The page after a cursor. */
  page: (cursor: string | undefined, signal: AbortSignal) => Promise<RowPage<Row>>
  signal: AbortSignal
  onRows: (rows: number) => void
}

async function csvOf<Row>({ columns, page, signal, onRows }: Wanted<Row>): Promise<{ parts: string[]; rows: number }> {
  const parts = [csvLine(columns.map(({ header }) => header))]
  let rows = 0
  let cursor: string | undefined
  do {
    const { rows: found, next } = await page(cursor, signal)
    for (const row of found) parts.push(csvLine(columns.map((column) => textOf(column, row))))
    rows += found.length
    onRows(rows)
    cursor = next ?? undefined
  } while (cursor !== undefined && rows < mostRows)
  return { parts, rows }
}

export function TableExport<Row>({ name, columns, page }: Omit<Wanted<Row>, 'signal' | 'onRows'> & { name: string }) {
  const [rows, setRows] = useState<number>()
  const abort = useRef<AbortController>(undefined)
  const run = async () => {
    const { signal } = (abort.current = new AbortController())
    setRows(0)
    try {
      const { parts, rows } = await csvOf({ columns, page, signal, onRows: setRows })
      // The mark tells a spreadsheet that it is UTF-8.
      save(new Blob(['\uFEFF', ...parts], { type: 'text/csv;charset=utf-8' }), `${name}.csv`)
      notify({ text: `${count(rows)} rows exported` })
    } catch (error) {
      if (!isAborted(error)) notifyProblem(error)
    } finally {
      setRows(undefined)
    }
  }
  return (
    <Button
      size="xs"
      variant="default"
      leftSection={<IconDownload size={16} aria-hidden />}
      onClick={() => (rows === undefined ? void run() : abort.current?.abort())}
    >
      {rows === undefined ? 'Export what is shown' : `${count(rows)} rows; stop`}
    </Button>
  )
}

/** The rows of a CSV file, cells as they stand in it. */
import { isProblem, type Row } from '../src/formats/index.ts'
import { readRows } from '../src/formats/rows.ts'

export async function rowsOfTable(bytes: AsyncIterable<Uint8Array>): Promise<Row[]> {
  const rows: Row[] = []
  for await (const block of readRows(bytes, { fileName: 'table.csv', assumed: 'csv' }))
    for (const item of block) {
      if (isProblem(item)) throw new Error(item.reason)
      rows.push(item.row)
    }
  return rows
}

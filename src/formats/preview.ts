/** The first rows of a file and what they look like, for the screen that asks how to import it. */
import type { Source } from './input.ts'
import { isProblem, type RowFormat, type RowItem } from './record.ts'
import { readRows } from './rows.ts'

export interface Preview {
  /** Names of the formats that fit these rows, the most particular first. Empty: the user has to give a mapping. */
  formats: string[]
  /** Columns in the order in which they appear. */
  columns: string[]
  /** The rows as they stand in the file, and problems among them. */
  rows: RowItem[]
}

/** Looks at the first `count` rows and reads no further. */
export async function previewRows(
  candidates: readonly Pick<RowFormat, 'name' | 'sniff'>[],
  source: Source,
  { fileName, count = 20 }: { fileName?: string; count?: number } = {},
): Promise<Preview> {
  const rows: RowItem[] = []
  for await (const block of readRows(source, { fileName, assumed: 'csv' })) {
    for (const item of block) if (rows.length < count) rows.push(item)
    if (rows.length >= count) break
  }
  const readable = rows.flatMap((item) => (isProblem(item) ? [] : [item.row]))
  const columns = [...new Set(readable.flatMap((row) => Object.keys(row)))]
  return { rows, columns, formats: candidates.filter(({ sniff }) => sniff(readable)).map(({ name }) => name) }
}

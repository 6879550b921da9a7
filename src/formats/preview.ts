/** The first rows of a file and what they look like, for the screen that asks how to import it. */
import type { Source } from './input.ts'
import { isProblem, type Row, type RowFormat, type RowItem } from './record.ts'
import { readRows } from './rows.ts'

export interface Preview {
  /** Names of the formats that fit these rows, the most particular first. Empty: the user has to give a mapping. */
  formats: string[]
  /** Columns in the order in which they appear. */
  columns: string[]
  /** By column, where the rows hold few and short ones: the values that are there, as texts. */
  values: Record<string, string[]>
  /** The rows as they stand in the file, and problems among them. */
  rows: RowItem[]
}

const mostValues = 12
const longestValue = 60
/** A rare value of a column, a tie say, may be in none of the rows that are shown. */
const valueRows = 2000
/** Of a megabyte at most: rows may be long. */
const valueBlocks = 32

/** The values of columns that have few: what a mapping may have to be told the meaning of. */
class Values {
  private readonly of = new Map<string, Set<string>>()

  add(row: Row): void {
    for (const [name, value] of Object.entries(row)) {
      if (value === null || value === undefined || value === '') continue
      const known = this.of.get(name) ?? new Set()
      this.of.set(name, known)
      // One value too many marks a column that is none of those.
      if (known.size <= mostValues) known.add(typeof value === 'object' ? tooLong : String(value))
    }
  }

  few(): Record<string, string[]> {
    const isShort = (value: string) => value.length <= longestValue
    return Object.fromEntries(
      [...this.of]
        .map(([name, known]): [string, string[]] => [name, [...known].sort()])
        .filter(([, known]) => known.length <= mostValues && known.every(isShort)),
    )
  }
}
const tooLong = ' '.repeat(longestValue + 1)

/** Looks at the first `count` rows, at the values of some more, and reads no further. */
export async function previewRows(
  candidates: readonly Pick<RowFormat, 'name' | 'sniff'>[],
  source: Source,
  { fileName, count = 20 }: { fileName?: string; count?: number } = {},
): Promise<Preview> {
  const rows: RowItem[] = []
  const values = new Values()
  let read = 0
  let blocks = 0
  for await (const block of readRows(source, { fileName, assumed: 'csv' })) {
    for (const item of block) {
      if (rows.length < count) rows.push(item)
      if (!isProblem(item)) values.add(item.row)
    }
    read += block.length
    blocks += 1
    if (rows.length >= count && (read >= valueRows || blocks >= valueBlocks)) break
  }
  const readable = rows.flatMap((item) => (isProblem(item) ? [] : [item.row]))
  const columns = [...new Set(readable.flatMap((row) => Object.keys(row)))]
  return {
    rows,
    columns,
    values: values.few(),
    formats: candidates.filter(({ sniff }) => sniff(readable)).map(({ name }) => name),
  }
}

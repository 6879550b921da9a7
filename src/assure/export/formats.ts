/** What can be exported, and as what: bytes of a file, row by row. */
import { kindOf } from '../../collect/kinds/index.ts'
import { type ExportRecord, type Packing, type Row, writeRows, writerNamed, writers } from '../../formats/index.ts'
import { fail } from '../../platform/errors.ts'
import type { Db } from '../../platform/sql.ts'
import { type AnnotationRow, annotationRows } from './annotations.ts'
import type { Exported } from './files.ts'
import { preferencePairs } from './pairs.ts'

const annotationFormats = ['annotations', 'annotations-csv'] as const

/** Formats of preference pairs; the same names in which they can be imported, with their variants. */
const pairFormats = writers.map(({ name }) => name).filter((name) => name === 'hh' || name.startsWith('trl-preference'))

export const exportFormats = [...annotationFormats, ...pairFormats]

export interface ExportOptions {
  project: string
  format: string
  /** Annotations: also imported, superseded and withdrawn ones. */
  every?: boolean
  packing?: Extract<Packing, 'jsonl' | 'parquet'>
}

/** Counts what passes. */
export function counted<T>(items: AsyncIterable<T>): { items: AsyncGenerator<T>; count(): number } {
  let count = 0
  async function* pass() {
    for await (const item of items) {
      count++
      yield item
    }
  }
  return { items: pass(), count: () => count }
}

async function* jsonLines(rows: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  let text = ''
  for await (const row of rows) {
    text += `${JSON.stringify(row)}\n`
    if (text.length > 1 << 18) {
      yield Buffer.from(text)
      text = ''
    }
  }
  if (text) yield Buffer.from(text)
}

const flatColumns = ['id', 'task', 'person', 'simulated', 'step', 'kind', 'guidelineVersion', 'at', 'activeMs'] as const

/** An annotation as its kind flattens it; what differs from kind to kind stands as one JSON cell. */
async function* flatRows(rows: AsyncIterable<AnnotationRow>): AsyncGenerator<Row> {
  for await (const row of rows)
    for (const said of kindOf(row.kind).rows({ payload: row.payload, targets: row.targets }))
      yield { ...Object.fromEntries(flatColumns.map((name) => [name, row[name]])), said }
}

/** Opens an export. Nothing is read before its bytes are. */
export function openExport(db: Db, { project, format, every = false, packing = 'jsonl' }: ExportOptions): Exported {
  if (format === 'annotations') {
    const { items, count } = counted(annotationRows(db, project, every))
    return { extension: 'jsonl', bytes: jsonLines(items), rows: count, unwritten: () => 0 }
  }
  if (format === 'annotations-csv') {
    const { items, count } = counted(annotationRows(db, project, every))
    const types = { simulated: 'boolean', guidelineVersion: 'integer', activeMs: 'integer' } as const
    const columns = flatColumns.map((name) => ({
      name,
      type: name in types ? types[name as keyof typeof types] : ('string' as const),
    }))
    return {
      extension: 'csv',
      bytes: writeRows([...columns, { name: 'said', type: 'json' }], flatRows(items), 'csv'),
      rows: count,
      unwritten: () => 0,
    }
  }
  if (!pairFormats.includes(format))
    return fail('bad_input', `There is no export format "${format}".`, {
      where: 'format',
      hint: `Formats are: ${exportFormats.join(', ')}.`,
    })
  const { items, count } = counted<ExportRecord>(preferencePairs(db, project))
  let unwritten = 0
  const onUnwritten = () => {
    unwritten++
  }
  return {
    extension: packing,
    bytes: writerNamed(format).write(items, { packing, onUnwritten }),
    rows: () => count() - unwritten,
    unwritten: () => unwritten,
  }
}

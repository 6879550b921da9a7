/** What can be exported, and as what: bytes of a file, row by row. */
import { type Column, type ExportRecord, type Row, writeRows, writerNamed, writers } from '../../formats/index.ts'
import { fail } from '../../platform/errors.ts'
import type { Db } from '../../platform/sql.ts'
import { consensusRows } from '../consensus/read.ts'
import { annotationColumns, annotationRows } from './annotations.ts'
import type { ExportFormat, Packing } from './contract.ts'
import { counted, type Exported } from './files.ts'
import { preferencePairs } from './pairs.ts'
import { openTable } from './table.ts'

/** Formats of preference pairs; the same names in which they can be imported, with their variants. */
const pairFormats = writers.map(({ name }) => name).filter((name) => name === 'hh' || name.startsWith('trl-preference'))

/** The packing that stands first is that of whoever names none. */
export const exportFormats: ExportFormat[] = [
  { name: 'annotations', packings: ['jsonl', 'parquet'] },
  { name: 'annotations-csv', packings: ['csv'] },
  { name: 'consensus', packings: ['jsonl', 'csv', 'parquet'] },
  ...pairFormats.map((name): ExportFormat => ({ name, packings: ['jsonl', 'parquet'] })),
]

export interface ExportOptions {
  project: string
  format: string
  /** Annotations: also imported, superseded and withdrawn ones. */
  every?: boolean
  packing?: Packing
}

const consensusColumns: Column[] = [
  { name: 'task', type: 'string' },
  { name: 'purpose', type: 'string' },
  { name: 'targets', type: 'json' },
  { name: 'step', type: 'string' },
  { name: 'attribute', type: 'string' },
  { name: 'label', type: 'string' },
  { name: 'tied', type: 'boolean' },
  { name: 'total', type: 'integer' },
  { name: 'counts', type: 'json' },
  { name: 'soft', type: 'json' },
  { name: 'mean', type: 'number' },
]

function openRows(columns: Column[], rows: AsyncIterable<Row>, packing: Packing): Exported {
  const { items, count } = counted(rows)
  return { extension: packing, bytes: writeRows(columns, items, packing), rows: count, unwritten: () => 0 }
}

function openPairs(db: Db, project: string, format: string, packing: Packing): Exported {
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

/** Opens an export. Nothing is read before its bytes are. */
export function openExport(db: Db, { project, format, every = false, packing }: ExportOptions): Exported {
  const known = exportFormats.find(({ name }) => name === format)
  if (!known)
    return fail('bad_input', `There is no export format "${format}".`, {
      where: 'format',
      hint: `Formats are: ${exportFormats.map(({ name }) => name).join(', ')}.`,
    })
  const as = packing ?? known.packings[0]!
  if (!known.packings.includes(as))
    return fail('bad_input', `The format "${format}" is not written as ${as}.`, {
      where: 'packing',
      hint: `It is written as ${known.packings.join(' or ')}.`,
    })
  if (format === 'annotations') return openRows(annotationColumns(every), annotationRows(db, { project, every }), as)
  if (format === 'annotations-csv') return openTable(db, { project, every })
  if (format === 'consensus') return openRows(consensusColumns, consensusRows(db, project), as)
  return openPairs(db, project, format, as)
}

/** Writes records, or rows of any kind, as a stream of bytes; holds no more than a chunk. */
import { FormatError } from './errors.ts'
import { JsonlPacker, type Packer, TablePacker } from './packing.ts'
import type { Column, ExportRecord, Row, RowWriter } from './record.ts'

export type Packing = 'jsonl' | 'csv' | 'tsv' | 'parquet'

/** A record that the format has no words for. The rest is written. */
export interface Unwritten {
  /** The how-manyeth record, from 1. */
  record: number
  reason: string
  hint?: string
}

export interface WriteOptions {
  packing?: Packing
  /** Columns beyond the format's own (metadata, strength): tables and Parquet must know them before the first row. */
  extra?: Column[]
  /** Without it, the first record that cannot be written throws `not_expressible`. */
  onUnwritten?: (unwritten: Unwritten) => void
}

type Many<T> = AsyncIterable<T> | Iterable<T>

async function packer(packing: Packing, columns: Column[]): Promise<Packer> {
  switch (packing) {
    case 'jsonl':
      return new JsonlPacker()
    case 'csv':
      return new TablePacker(columns, ',')
    case 'tsv':
      return new TablePacker(columns, '\t')
    case 'parquet': {
      // Loaded when wanted: few exports are Parquet, and the library would slow the start of every command.
      const { ParquetPacker } = await import('./parquet.ts')
      return new ParquetPacker(columns)
    }
  }
}

/** Records in a training format, one row a line. */
export async function* writeRecords(
  { write, columns }: RowWriter,
  records: Many<ExportRecord>,
  { packing = 'jsonl', extra = [], onUnwritten }: WriteOptions = {},
): AsyncGenerator<Uint8Array> {
  const packed = await packer(packing, [...columns, ...extra])
  let number = 0
  for await (const record of records) {
    number += 1
    try {
      packed.add(write(record))
    } catch (error) {
      if (!onUnwritten || !(error instanceof FormatError) || error.code !== 'not_expressible') throw error
      onUnwritten({ record: number, reason: error.message, ...(error.hint ? { hint: error.hint } : {}) })
      continue
    }
    const chunk = packed.take()
    if (chunk) yield chunk
  }
  yield packed.end()
}

/** Rows of any kind, such as annotations; `columns` in the order in which tables and Parquet have them. */
export async function* writeRows(columns: Column[], rows: Many<Row>, packing: Packing): AsyncGenerator<Uint8Array> {
  const packed = await packer(packing, columns)
  for await (const row of rows) {
    packed.add(row)
    const chunk = packed.take()
    if (chunk) yield chunk
  }
  yield packed.end()
}

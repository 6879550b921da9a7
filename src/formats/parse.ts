/** Reads a file in a format: numbered rows to records, each fault to a problem with its line. */
import { FormatError } from './errors.ts'
import type { Limits, Source } from './input.ts'
import { checkMapping } from './mapped.ts'
import {
  type ImportRecord,
  type Item,
  isProblem,
  type ParseOptions,
  type Problem,
  type Row,
  type RowFormat,
} from './record.ts'
import { readRows } from './rows.ts'

/** Records and problems in the order of the file. Throws `bad_mapping`; every fault of the file itself is an item. */
export async function* parse(
  format: RowFormat,
  source: Source,
  options: ParseOptions = {},
  limits?: Limits,
): AsyncGenerator<Item> {
  const assumed = format.name === 'csv' ? 'csv' : 'jsonl'
  let unchecked = options.mapping
  for await (const rows of readRows(source, { fileName: options.fileName, assumed, limits })) {
    for (const item of rows) {
      if (isProblem(item)) {
        yield item
        continue
      }
      if (unchecked) {
        checkMapping(unchecked, Object.keys(item.row))
        unchecked = undefined
      }
      const read = readRow(format, item.row, item.line, options)
      if (Array.isArray(read)) yield* read
      else yield read
    }
  }
}

function readRow(
  format: RowFormat,
  row: Row,
  line: number,
  options: ParseOptions,
): ImportRecord | ImportRecord[] | Problem {
  try {
    return format.read(row, line, options)
  } catch (error) {
    if (!(error instanceof FormatError) || error.code !== 'bad_row') throw error
    return { line, reason: error.where ? `${error.where} ${error.message}` : error.message }
  }
}

/** Every data format, one line each. A format brings `read`; bytes, lines and containers are shared. */
import { FormatError } from './errors.ts'
import { hh, hhWriter } from './hh.ts'
import type { Limits, Source } from './input.ts'
import { kto, ktoWriter } from './kto.ts'
import { oasst } from './oasst.ts'
import { ownCsv, ownCsvWriter } from './own-csv.ts'
import { ownJsonl, ownJsonlWriter } from './own-jsonl.ts'
import { parse } from './parse.ts'
import { type Preview, previewRows } from './preview.ts'
import type { ExportRecord, Item, ParseOptions, RowFormat, RowWriter } from './record.ts'
import {
  trlPreference,
  trlPreferenceConversationalWriter,
  trlPreferenceImplicitWriter,
  trlPreferenceWriter,
} from './trl-preference.ts'
import {
  trlPromptCompletion,
  trlPromptCompletionConversationalWriter,
  trlPromptCompletionWriter,
} from './trl-prompt-completion.ts'
import { trlPromptOnly, trlPromptOnlyConversationalWriter, trlPromptOnlyWriter } from './trl-prompt-only.ts'
import { type WriteOptions, writeRecords } from './write.ts'

export { FormatError } from './errors.ts'
export { defaultLimits, type Limits, type Source } from './input.ts'
export type { Preview } from './preview.ts'
export type * from './record.ts'
export { isProblem } from './record.ts'
export { type Packing, type Unwritten, type WriteOptions, writeRows } from './write.ts'

export interface Format extends Pick<RowFormat, 'name' | 'title' | 'extensions' | 'sniff'> {
  /** Records and problems in the order of the file. A problem with `fatal` is the last item. */
  parse(source: Source, options?: ParseOptions, limits?: Limits): AsyncGenerator<Item>
}

const format = (rows: RowFormat): Format => ({
  name: rows.name,
  title: rows.title,
  extensions: rows.extensions,
  sniff: rows.sniff,
  parse: (source, options, limits) => parse(rows, source, options, limits),
})

/** The more particular format stands first: detection takes the first that fits. */
export const formats: readonly Format[] = [
  oasst,
  hh,
  trlPreference,
  kto,
  trlPromptCompletion,
  ownCsv,
  ownJsonl,
  trlPromptOnly,
].map(format)

export interface Writer extends Pick<RowWriter, 'name' | 'title' | 'columns'> {
  /** Bytes of a file with one row a record. */
  write(
    records: AsyncIterable<ExportRecord> | Iterable<ExportRecord>,
    options?: WriteOptions,
  ): AsyncGenerator<Uint8Array>
}

const writer = (rows: RowWriter): Writer => ({
  name: rows.name,
  title: rows.title,
  columns: rows.columns,
  write: (records, options) => writeRecords(rows, records, options),
})

export const writers: readonly Writer[] = [
  trlPreferenceWriter,
  trlPreferenceImplicitWriter,
  trlPreferenceConversationalWriter,
  trlPromptCompletionWriter,
  trlPromptCompletionConversationalWriter,
  trlPromptOnlyWriter,
  trlPromptOnlyConversationalWriter,
  ktoWriter,
  hhWriter,
  ownJsonlWriter,
  ownCsvWriter,
].map(writer)

function named<T extends { name: string }>(all: readonly T[], name: string, what: string): T {
  const found = all.find((one) => one.name === name)
  if (found) return found
  throw new FormatError('unknown_format', `There is no ${what} format "${name}".`, {
    where: 'format',
    hint: `Formats are: ${all.map((one) => one.name).join(', ')}.`,
  })
}

/** The format to read of that name, or `unknown_format`. */
export const formatNamed = (name: string): Format => named(formats, name, 'import')

/** The format to write of that name, or `unknown_format`. */
export const writerNamed = (name: string): Writer => named(writers, name, 'export')

/** The first rows of a file, its columns, and the formats that fit; reads no further than it has to. */
export const preview = (source: Source, options?: { fileName?: string; count?: number }): Promise<Preview> =>
  previewRows(formats, source, options)

/** Every data format, one line each. A format brings `read`; bytes, lines and containers are shared. */
import { FormatError } from './errors.ts'
import { hh } from './hh.ts'
import type { Limits, Source } from './input.ts'
import { kto } from './kto.ts'
import { oasst } from './oasst.ts'
import { ownCsv } from './own-csv.ts'
import { ownJsonl } from './own-jsonl.ts'
import { parse } from './parse.ts'
import { type Preview, previewRows } from './preview.ts'
import type { Item, ParseOptions, RowFormat } from './record.ts'
import { trlPreference } from './trl-preference.ts'
import { trlPromptCompletion } from './trl-prompt-completion.ts'
import { trlPromptOnly } from './trl-prompt-only.ts'

export { FormatError } from './errors.ts'
export { defaultLimits, type Limits, type Source } from './input.ts'
export type { Preview } from './preview.ts'
export type * from './record.ts'
export { isProblem } from './record.ts'

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

/** The format of that name, or `unknown_format`. */
export function formatNamed(name: string): Format {
  const found = formats.find((one) => one.name === name)
  if (found) return found
  throw new FormatError('unknown_format', `There is no data format "${name}".`, {
    where: 'format',
    hint: `Formats are: ${formats.map((one) => one.name).join(', ')}.`,
  })
}

/** The first rows of a file, its columns, and the formats that fit; reads no further than it has to. */
export const preview = (source: Source, options?: { fileName?: string; count?: number }): Promise<Preview> =>
  previewRows(formats, source, options)

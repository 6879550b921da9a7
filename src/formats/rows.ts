/** Bytes to numbered rows, whatever they are packed in: JSON lines, one JSON array, or a delimited table. */
import { TableReader } from './csv.ts'
import { readElements } from './elements.ts'
import { beginning, defaultLimits, type Limits, openInput, type Source, Unreadable } from './input.ts'
import { parseRow } from './json.ts'
import { readBlocks } from './lines.ts'
import type { RowItem } from './record.ts'

export type Container = 'jsonl' | 'json' | 'csv' | 'tsv'

const byExtension: Record<string, Container> = {
  jsonl: 'jsonl',
  ndjson: 'jsonl',
  csv: 'csv',
  tsv: 'tsv',
  tab: 'tsv',
}

/** The container by the file's name; `.json` is used for both forms of JSON and decides nothing. */
function containerOf(fileName: string | undefined): Container | undefined {
  const extension = /\.([a-z]+)(?:\.gz)?$/i.exec(fileName ?? '')?.[1]?.toLowerCase()
  return extension === undefined ? undefined : byExtension[extension]
}

/** Where the name says nothing, the first character does: `[` opens an array, `{` a line of JSON. */
function containerFrom(head: Buffer, { fileName, assumed }: RowOptions): Container {
  const first = head.toString('latin1').trimStart()[0]
  const named = containerOf(fileName)
  if (named === 'csv' || named === 'tsv') return named
  if (first === '[') return 'json'
  return first === '{' || named === 'jsonl' ? 'jsonl' : assumed
}

export interface RowOptions {
  fileName?: string
  /** What to take the rows for where neither name nor content tells. */
  assumed: Container
  limits?: Limits
}

/** Rows in blocks, in the order of the file, each a row or a problem. Blank lines are passed over. */
export async function* readRows(source: Source, options: RowOptions): AsyncGenerator<RowItem[]> {
  const limits = options.limits ?? defaultLimits
  let opened: { head: Buffer; rest: AsyncGenerator<Buffer> }
  try {
    opened = await beginning(openInput(source, limits), 512)
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    yield [{ line: 1, reason: error.message, fatal: true }]
    return
  }
  if (opened.head.length === 0) {
    yield [{ line: 1, reason: 'the file is empty', fatal: true }]
    return
  }
  const container = containerFrom(opened.head, options)
  if (container === 'json') yield* readElements(opened.rest, limits)
  else if (container === 'jsonl') yield* jsonLines(opened.rest, limits)
  else yield* table(opened.rest, limits, container === 'tsv' ? '\t' : undefined)
}

async function* jsonLines(input: AsyncIterable<Buffer>, limits: Limits): AsyncGenerator<RowItem[]> {
  for await (const { first, lines } of readBlocks(input, limits)) {
    const items: RowItem[] = []
    for (let i = 0; i < lines.length; i++) {
      const text = lines[i]!
      if (typeof text !== 'string') items.push(text)
      else if (text.startsWith('{') || text.trim() !== '') items.push(parseRow(text, first + i))
    }
    yield items
  }
}

async function* table(input: AsyncIterable<Buffer>, limits: Limits, delimiter?: string): AsyncGenerator<RowItem[]> {
  const reader = new TableReader(limits.lineBytes, delimiter)
  for await (const block of readBlocks(input, limits)) yield reader.push(block)
  yield reader.end()
}

/**
 * Our own tables: columns `prompt`, `response_1`, `response_2`, ..., and, where they were judged, `preferred` (the number
 * of the better of two responses, `tie` or `both-bad`) and `strength`; every other column is metadata. With a mapping, any table.
 */
import { unguard } from './csv-cells.ts'
import { badRow, FormatError } from './errors.ts'
import { withMetadata } from './judged.ts'
import { judgementOf, verdictOf } from './judgement.ts'
import { readMapped } from './mapped.ts'
import { readPrompt, writePromptText } from './prompt.ts'
import type { ImportRecord, Judgement, Response, Row, RowFormat, RowWriter } from './record.ts'

const responseColumn = /^response_[1-9]\d*$/

/** Only our own tables are unguarded: in a foreign one an apostrophe before a sign may be the author's. */
function readOwn(row: Row, line: number): ImportRecord {
  const cells = Object.entries(row).map(([name, value]): [string, unknown] => [
    name,
    typeof value === 'string' ? unguard(value) : value,
  ])
  const responses = cells.flatMap(([name, cell]): Response[] => {
    if (!responseColumn.test(name) || cell === null) return []
    return [{ content: typeof cell === 'string' ? cell : badRow('must be a text', name) }]
  })
  const known = (name: string) => responseColumn.test(name) || ['prompt', 'preferred', 'strength'].includes(name)
  const metadata = Object.fromEntries(cells.filter(([name]) => !known(name)))
  const prompt = readPrompt(typeof row.prompt === 'string' ? unguard(row.prompt) : row.prompt).turns
  const judgement = readPreferred(row, responses.length)
  return judgement ? { line, prompt, responses, judgement, metadata } : { line, prompt, responses, metadata }
}

function readPreferred({ preferred, strength }: Row, count: number): Judgement | undefined {
  if (preferred === undefined || preferred === null) return undefined
  if (count !== 2) badRow(`says which of two responses is better, but the row has ${count}`, 'preferred')
  const verdict = verdictOf(String(preferred)) ?? badRow('must be 1, 2, tie or both-bad', 'preferred')
  return judgementOf(verdict, strength, 'strength')
}

export const ownCsv: RowFormat = {
  name: 'csv',
  title: 'CSV or TSV, our own or with a mapping',
  extensions: ['.csv', '.tsv', '.csv.gz', '.tsv.gz'],
  sniff: (rows) => rows.length > 0 && rows.every((row) => 'prompt' in row && 'response_1' in row),
  read: (row, line, { mapping }) => (mapping ? readMapped(row, line, mapping) : readOwn(row, line)),
}

const comparisons = new Set<Judgement['kind']>(['preference', 'tie', 'both-bad'])

export const ownCsvWriter: RowWriter = {
  name: 'csv',
  title: 'Table of prompts and responses',
  columns: [
    { name: 'prompt', type: 'string' },
    { name: 'response_1', type: 'string' },
    { name: 'response_2', type: 'string' },
    { name: 'preferred', type: 'string' },
    { name: 'strength', type: 'integer' },
  ],
  write(record) {
    const { prompt, responses, judgement } = record
    if (judgement && (!comparisons.has(judgement.kind) || responses.length !== 2))
      throw new FormatError('not_expressible', 'a table holds comparisons of two responses and no other judgement', {
        hint: 'Export it as jsonl, which holds every judgement.',
      })
    const row: Row = { prompt: writePromptText(prompt).text }
    for (const [i, { content }] of responses.entries()) row[`response_${i + 1}`] = content
    if (judgement) row.preferred = judgement.kind === 'preference' ? String(judgement.chosen + 1) : judgement.kind
    return withMetadata(row, record)
  },
}

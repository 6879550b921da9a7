/** A dataset as a file that trainers read unchanged. */
import { sql } from 'kysely'
import { type JudgedPair, tally } from '../../assure/consensus/pairs.ts'
import { counted, type Exported } from '../../assure/export/files.ts'
import { type Column, type ExportRecord, type Packing, type Row, writeRows, writerNamed } from '../../formats/index.ts'
import { fail } from '../../platform/errors.ts'
import { all, type Db } from '../../platform/sql.ts'
import type { DatasetKind } from './contract.ts'
import { type DatasetRow, rowsOf, type Snapshot } from './read.ts'
import { hasMargins } from './rules.ts'

/** One line a judgement, with who gave it. */
const perAnnotator = 'annotators'
const pageRows = 500

export const datasetFormats: Record<DatasetKind, string[]> = {
  preference: [
    'trl-preference',
    'trl-preference-implicit',
    'trl-preference-conversational',
    'kto',
    'trl-prompt-completion',
    'trl-prompt-completion-conversational',
    'hh',
    perAnnotator,
    'jsonl',
  ],
  demonstration: ['trl-prompt-completion', 'trl-prompt-completion-conversational', 'jsonl'],
}

export interface DatasetExport {
  format: string
  packing?: Extract<Packing, 'jsonl' | 'parquet'>
  /** The strength of a preference is a column `margin`, which TRL's RewardTrainer takes into its loss, and so do we. */
  margin?: boolean
  /** undefined: both, the test rows marked as such where the format can say it. */
  split?: 'train' | 'test'
}

const content = ({ prompt }: DatasetRow) => prompt.map(({ role, text }) => ({ role, content: text }))

type Form = (row: DatasetRow) => ExportRecord[]

/** Formats without a word for ties leave them out, and say how many. */
const pair: Form = (row) => [
  {
    prompt: content(row),
    responses: [{ content: row.chosen }, { content: row.rejected! }],
    ...(row.soft === 0.5
      ? {}
      : { judgement: { kind: 'preference', chosen: 0, rejected: 1, strength: row.margin || undefined } as const }),
    metadata: { soft: row.soft },
  },
]

/** All rows have a margin, or trainers take none. */
const pairWithMargin: Form = (row) =>
  pair(row).map(({ judgement, ...rest }) => ({
    ...rest,
    ...(judgement ? { judgement: { kind: 'preference', chosen: 0, rejected: 1 } as const } : {}),
    metadata: { ...rest.metadata, margin: row.margin ?? 0 },
  }))

const unpaired: Form = (row) => {
  const sides = row.soft === 0.5 ? [undefined, undefined] : [true, false]
  return [row.chosen, row.rejected!].map((text, i) => ({
    prompt: content(row),
    responses: [{ content: text }],
    judgement: sides[i] === undefined ? undefined : { kind: 'desirability', response: 0, desirable: sides[i] },
    metadata: {},
  }))
}

/** Supervised tuning on preferences learns what was chosen. */
const demonstration: Form = (row) => [
  {
    prompt: content(row),
    responses: [{ content: row.chosen }],
    judgement: row.soft === 0.5 ? undefined : { kind: 'demonstration', response: 0 },
    metadata: {},
  },
]

const whole: Form = (row) => [
  {
    ...(row.rejected === null ? demonstration(row) : pair(row))[0]!,
    metadata: {
      row: row.row,
      split: row.split,
      promptId: row.promptId,
      ...(row.rejected === null ? {} : { margin: row.margin, soft: row.soft, annotations: row.annotations }),
    },
  },
]

const pairColumns = (strength: 'strength' | 'margin'): Column[] => [
  { name: strength, type: 'number' },
  { name: 'soft', type: 'number' },
]

function formOf(format: string, margin: boolean): { form: Form; extra: Column[] } {
  if (margin) return { form: pairWithMargin, extra: pairColumns('margin') }
  if (format === 'jsonl') return { form: whole, extra: [] }
  if (format === 'kto') return { form: unpaired, extra: [] }
  return format.startsWith('trl-prompt-completion')
    ? { form: demonstration, extra: [] }
    : { form: pair, extra: pairColumns('strength') }
}

async function* formed(rows: AsyncIterable<DatasetRow>, form: Form): AsyncGenerator<ExportRecord> {
  for await (const row of rows) yield* form(row)
}

const annotatorColumns: Column[] = [
  { name: 'prompt', type: 'messages' },
  { name: 'chosen', type: 'string' },
  { name: 'rejected', type: 'string' },
  { name: 'strength', type: 'integer' },
  { name: 'split', type: 'string' },
  { name: 'row', type: 'integer' },
  { name: 'annotation', type: 'string' },
  { name: 'person', type: 'string' },
  { name: 'simulated', type: 'boolean' },
  { name: 'guidelineVersion', type: 'integer' },
  { name: 'at', type: 'string' },
]

type Said = JudgedPair & { simulated: boolean; guidelineVersion: number | null; at: string }

const saidOf = (db: Db, annotations: string[]): Promise<Said[]> =>
  all(
    db,
    sql<Said>`
      SELECT a.id, a.person_id AS person, a.task_id AS task, a.kind, a.payload, a.targets, pe.simulated_as IS NOT NULL AS simulated,
        a.guideline_version AS "guidelineVersion", to_char(a.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS at
      FROM annotations a LEFT JOIN people pe ON pe.id = a.person_id WHERE a.id = ANY(${annotations}::uuid[])`,
  )

async function* judgementsOf(db: Db, { filters }: Snapshot, rows: DatasetRow[]): AsyncGenerator<Row> {
  const said = await saidOf(
    db,
    rows.flatMap(({ annotations }) => annotations),
  )
  const byId = new Map(said.map((one) => [one.id, one]))
  for (const row of rows)
    for (const annotation of row.annotations) {
      const one = byId.get(annotation)!
      const pair = tally([one], filters.attribute).find(
        ({ responses }) => responses.includes(row.chosenId) && responses.includes(row.rejectedId!),
      )!
      const strength = pair.responses[0] === row.chosenId ? pair.strength : -pair.strength
      yield {
        prompt: content(row),
        chosen: strength < 0 ? row.rejected : row.chosen,
        rejected: strength < 0 ? row.chosen : row.rejected,
        strength: Math.abs(strength),
        split: row.split,
        row: row.row,
        annotation,
        person: one.person,
        simulated: one.simulated,
        guidelineVersion: one.guidelineVersion,
        at: one.at,
      }
    }
}

/** Each judgement that a row rests on: what this person chose, an id for the person, strength 0 for a tie. */
async function* byAnnotator(db: Db, snapshot: Snapshot, split: DatasetExport['split']): AsyncGenerator<Row> {
  let page: DatasetRow[] = []
  for await (const row of rowsOf(db, snapshot.id, split)) {
    if (page.push(row) < pageRows) continue
    yield* judgementsOf(db, snapshot, page)
    page = []
  }
  yield* judgementsOf(db, snapshot, page)
}

/** Opens an export. Nothing is read before its bytes are. */
export function openDataset(
  db: Db,
  snapshot: Snapshot,
  { format, packing = 'jsonl', margin = false, split }: DatasetExport,
): Exported {
  const formats = datasetFormats[snapshot.kind]
  if (!formats.includes(format))
    return fail('bad_input', `There is no format "${format}" for a dataset of ${snapshot.kind}s.`, {
      where: 'format',
      hint: `Formats are: ${formats.join(', ')}.`,
    })
  if (margin && !hasMargins(format))
    return fail('bad_input', `The format "${format}" has no margins.`, {
      where: 'margin',
      hint: 'Formats of pairs have them.',
    })
  if (format === perAnnotator) {
    const { items, count } = counted(byAnnotator(db, snapshot, split))
    return { extension: packing, bytes: writeRows(annotatorColumns, items, packing), rows: count, unwritten: () => 0 }
  }
  const { form, extra } = formOf(format, margin)
  const { items, count } = counted(formed(rowsOf(db, snapshot.id, split), form))
  let unwritten = 0
  const onUnwritten = () => {
    unwritten++
  }
  return {
    extension: packing,
    bytes: writerNamed(format).write(items, { packing, extra, onUnwritten }),
    rows: () => count() - unwritten,
    unwritten: () => unwritten,
  }
}

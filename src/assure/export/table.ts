/**
 * Annotations as a table: a row each, with the prompt and what was judged as texts, and a column for each thing that their
 * kinds say. Columns have to be named before the first row.
 */
import { sql } from 'kysely'
import { kindOf } from '../../collect/kinds/index.ts'
import { conversationsTo, erased, messagesOf, type Turn } from '../../collect/tasks/read.ts'
import { settingsOf } from '../../collect/templates/store.ts'
import { type Column, type Row, writeRows } from '../../formats/index.ts'
import { type Db, one } from '../../platform/sql.ts'
import { type AnnotationRow, annotationPages, ofAnnotation, standing, type Wanted } from './annotations.ts'
import { counted, type Exported } from './files.ts'

/** Of all versions of all templates; a kind that came with a file alone says what it says without settings. */
async function columnsOfKinds(db: Db, project: string, kinds: string[]): Promise<Column[]> {
  const set = await settingsOf(db, project)
  const columns = kinds.flatMap((name) => {
    const kind = kindOf(name)
    const own = set.filter((step) => step.kind === name).map(({ settings }) => settings)
    return (own.length ? own : [{}]).flatMap((settings) => kind.columns(kind.settings.parse(settings)))
  })
  return [...new Map(columns.map((column) => [column.name, column])).values()]
}

const responseColumns = (count: number): Column[] =>
  Array.from({ length: count }, (_, place) => ({ name: `response_${place + 1}`, type: 'string' }))

async function columnsOf(db: Db, { project, every }: Wanted): Promise<Column[]> {
  const { kinds, most } = await one(
    db,
    sql<{ kinds: string[]; most: number }>`
      SELECT coalesce(array_agg(DISTINCT kind), '{}') AS kinds, coalesce(max(cardinality(targets)), 0) AS most
      FROM annotations WHERE project_id = ${project}`,
  )
  return [
    ...ofAnnotation,
    ...(every ? standing : []),
    { name: 'prompt', type: 'string' },
    ...responseColumns(most),
    ...(await columnsOfKinds(db, project, kinds)),
  ]
}

/** One turn as it is; more of them each with its role. */
const promptText = (turns: Turn[]) =>
  turns.length === 1 ? turns[0]!.text : turns.map(({ role, text }) => `${role}: ${text}`).join('\n\n')

/** What each annotation of a page is about; an erased text reads as such. */
async function textsOf(db: Db, page: AnnotationRow[]): Promise<(row: AnnotationRow) => Row> {
  const ids = (targets: (row: AnnotationRow) => string[]) => [...new Set(page.flatMap(targets))]
  const [conversations, messages] = await Promise.all([
    conversationsTo(
      db,
      ids(({ targets }) => targets.slice(0, 1)),
    ),
    messagesOf(
      db,
      ids(({ targets }) => targets.slice(1)),
    ),
  ])
  const later = new Map(messages.map(({ id, text }) => [id, text ?? erased]))
  return ({ targets: [first, ...others] }) => {
    const line = conversations.get(first ?? '') ?? []
    const isResponse = line.at(-1)?.role === 'assistant'
    const responses = [...(isResponse ? [line.at(-1)!.text] : []), ...others.map((id) => later.get(id))]
    return {
      prompt: promptText(isResponse ? line.slice(0, -1) : line),
      ...Object.fromEntries(responses.map((text, place) => [`response_${place + 1}`, text])),
    }
  }
}

async function* tableRows(db: Db, wanted: Wanted): AsyncGenerator<Row> {
  for await (const page of annotationPages(db, wanted, 500)) {
    const textOf = await textsOf(db, page)
    for (const row of page) {
      const { targets, payload, ...own } = row
      for (const said of kindOf(row.kind).rows({ payload, targets })) yield { ...own, ...textOf(row), ...said }
    }
  }
}

async function* tableBytes(db: Db, wanted: Wanted, rows: AsyncIterable<Row>): AsyncGenerator<Uint8Array> {
  yield* writeRows(await columnsOf(db, wanted), rows, 'csv')
}

export function openTable(db: Db, wanted: Wanted): Exported {
  const { items, count } = counted(tableRows(db, wanted))
  return { extension: 'csv', bytes: tableBytes(db, wanted, items), rows: count, unwritten: () => 0 }
}

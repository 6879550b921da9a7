/** What a dataset may be made of, prompt by prompt, through a cursor: memory holds a page, whatever the project's size. */
import { type RawBuilder, sql } from 'kysely'
import type { JudgedPair } from '../../assure/consensus/pairs.ts'
import { newId } from '../../platform/ids.ts'
import type { Db } from '../../platform/sql.ts'
import { trainingPurposes } from '../reward/rules.ts'
import type { Filters } from './contract.ts'

/** Rows of a query, page by page. The caller's transaction must last as long as the reading does. */
async function* cursor<R>(trx: Db, query: RawBuilder<R>, pageRows = 1000): AsyncGenerator<R[]> {
  const name = sql.ref(`rows_${newId().replaceAll('-', '')}`)
  await sql`DECLARE ${name} NO SCROLL CURSOR FOR ${query}`.execute(trx)
  for (;;) {
    const { rows } = await sql<R>`FETCH ${sql.lit(pageRows)} FROM ${name}`.execute(trx)
    if (rows.length) yield rows
    if (rows.length < pageRows) break
  }
  await sql`CLOSE ${name}`.execute(trx)
}

interface OfPrompt {
  prompt: string
  message: string
}

/** Rows in the order of their prompts, cut into pages between two prompts. */
async function* wholePrompts<R extends OfPrompt>(pages: AsyncIterable<R[]>): AsyncGenerator<R[]> {
  let kept: R[] = []
  for await (const page of pages) {
    const last = page.at(-1)!.prompt
    const cut = page.findIndex(({ prompt }) => prompt === last)
    if (cut > 0 || (kept.length && kept[0]!.prompt !== last)) {
      yield [...kept, ...page.slice(0, cut)]
      kept = page.slice(cut)
    } else kept = [...kept, ...page]
  }
  if (kept.length) yield kept
}

const any = (column: RawBuilder<unknown>, values: readonly unknown[] | undefined, type: 'uuid' | 'int' | 'text') =>
  values ? sql`${column} = ANY(${values}::${sql.raw(type)}[])` : sql`true`

const ofPrompt = ({ tags }: Filters, until?: string) =>
  sql`${tags ? sql`p.tags && ${tags}::text[]` : sql`true`} AND ${until ? sql`p.id <= ${until}::uuid` : sql`true`}`

/** Conditions on a person, who is there as `pe`; `project` for the role. */
const ofPerson = ({ people }: Filters, project: string) => sql`
  ${any(sql`pe.id`, people.include, 'uuid')}
  AND ${people.exclude ? sql`NOT ${any(sql`pe.id`, people.exclude, 'uuid')}` : sql`true`}
  AND ${people.simulated === undefined ? sql`true` : sql`(pe.simulated_as IS NOT NULL) = ${people.simulated}`}
  AND ${
    people.roles
      ? sql`EXISTS (SELECT 1 FROM memberships m WHERE m.project_id = ${project} AND m.person_id = pe.id AND m.role = ANY(${people.roles}::text[]))`
      : sql`true`
  }`

const between = (column: RawBuilder<unknown>, { from, to }: Filters) =>
  sql`${from ? sql`${column} >= ${from}::timestamptz` : sql`true`} AND ${to ? sql`${column} < ${to}::timestamptz` : sql`true`}`

export type Judged = JudgedPair & OfPrompt & { step: string }

const judgedColumns = sql`
  a.id, a.step, a.person_id AS person, a.task_id AS task, a.kind, a.targets, a.payload, p.id AS prompt, p.message_id AS message`

const ofPeople = (project: string, filters: Filters, until?: string) => sql<Judged>`
  SELECT ${judgedColumns}
  FROM annotations_in_force a JOIN tasks t ON t.id = a.task_id JOIN prompts p ON p.id = t.prompt_id
    JOIN people pe ON pe.id = a.person_id
  WHERE a.project_id = ${project} AND a.source = 'person' AND t.purpose = ANY(${trainingPurposes}::text[])
    AND ${ofPerson(filters, project)} AND ${ofPrompt(filters, until)} AND ${between(sql`a.at`, filters)}
    AND ${any(sql`a.guideline_version`, filters.guidelineVersions, 'int')}`

/** An imported judgement measures where a task that measures has the same responses: such a pair never trains either. */
const ofImports = (project: string, filters: Filters, until?: string) => sql<Judged>`
  SELECT ${judgedColumns}
  FROM annotations a JOIN messages m ON m.id = a.targets[1]
    JOIN prompts p ON p.project_id = a.project_id AND p.message_id = m.parent_id
  WHERE a.project_id = ${project} AND a.source = 'import' AND ${ofPrompt(filters, until)} AND ${between(sql`a.at`, filters)}
    AND ${filters.guidelineVersions ? sql`false` : sql`true`}
    AND NOT EXISTS (SELECT 1 FROM tasks t WHERE t.prompt_id = p.id AND t.purpose <> ALL(${trainingPurposes}::text[])
      AND t.purpose <> 'review' AND t.targets @> a.targets)`

/** Judgements that train, in the order of their prompts. Gold and evaluation are never among them, whatever the filters say. */
export const judgements = (trx: Db, project: string, filters: Filters, until?: string): AsyncGenerator<Judged[]> => {
  const parts = { person: ofPeople, import: ofImports }
  const wanted = filters.sources.map((source) => parts[source](project, filters, until))
  return wholePrompts(cursor(trx, sql<Judged>`${sql.join(wanted, sql` UNION ALL `)} ORDER BY prompt, id`))
}

export interface Written extends OfPrompt {
  response: string
  /** The imported row itself calls this response undesirable or ranks another above it; of a label it is kept what the first row says. */
  isRefused: boolean
  /** Imported judgements that have this response among their targets. */
  judged: Pick<JudgedPair, 'kind' | 'payload' | 'targets'>[] | null
}

/** Responses that a person wrote or that were imported, in the order of their prompts; none that a measuring task has. */
export const demonstrations = (trx: Db, project: string, filters: Filters, until?: string): AsyncGenerator<Written[]> =>
  wholePrompts(
    cursor(
      trx,
      sql<Written>`
        SELECT m.id AS response, p.id AS prompt, p.message_id AS message, j.judged,
          CASE WHEN m.author = 'import' AND p.metadata ? 'judgement' THEN (
            SELECT coalesce(CASE p.metadata #>> '{judgement,kind}'
              WHEN 'desirability' THEN count(e.id) > 0 OR p.metadata #>> '{judgement,desirable}' <> 'true'
              WHEN 'ranking' THEN NOT p.metadata #> '{judgement,tiers,0}' @> to_jsonb(count(e.id)) END, false)
            FROM messages e WHERE e.parent_id = p.message_id AND e.author = 'import' AND e.id < m.id) ELSE false END AS "isRefused"
        FROM prompts p JOIN messages m ON m.parent_id = p.message_id AND m.role = 'assistant'
          LEFT JOIN people pe ON m.author = 'person' AND pe.id = m.author_id
          LEFT JOIN (
            SELECT target, jsonb_agg(jsonb_build_object('kind', a.kind, 'payload', a.payload, 'targets', a.targets)) AS judged
            FROM annotations a CROSS JOIN unnest(a.targets) AS target
            WHERE a.project_id = ${project} AND a.source = 'import' GROUP BY target) j ON j.target = m.id AND m.author = 'import'
        WHERE p.project_id = ${project} AND m.author = ANY(${filters.sources}::text[]) AND m.text IS NOT NULL
          AND (m.author = 'import' OR (${ofPerson(filters, project)}))
          AND ${ofPrompt(filters, until)} AND ${between(sql`m.created_at`, filters)}
          AND NOT EXISTS (SELECT 1 FROM tasks t WHERE t.prompt_id = p.id AND t.purpose IN ('gold', 'evaluation', 'calibration')
            AND m.id = ANY(t.targets))
        ORDER BY p.id, m.id`,
    ),
  )

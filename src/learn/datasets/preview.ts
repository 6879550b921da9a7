/** What filters would give, counted while one sets them; nothing is written. */
import { sql } from 'kysely'
import { type Db, first, one } from '../../platform/sql.ts'
import type { DatasetKind, Filters } from './contract.ts'
import { draftsOf, reading } from './drafts.ts'
import { noFacts } from './facts.ts'

/** A larger project is counted on its first prompts, and scaled: an answer must come while one looks. */
const mostPrompts = 20_000

export const previewOf = (db: Db, project: string, kind: DatasetKind, filters: Filters) =>
  reading(db, async (trx) => {
    const next = await first(
      trx,
      sql<{
        id: string
      }>`SELECT id FROM prompts WHERE project_id = ${project} ORDER BY id OFFSET ${mostPrompts} LIMIT 1`,
    )
    const facts = noFacts()
    let rows = 0
    const prompts = new Set<string>()
    for await (const page of draftsOf(trx, project, kind, filters, facts, next?.id)) {
      rows += page.length
      for (const { prompt } of page) prompts.add(prompt)
    }
    if (!next) return { rows, prompts: prompts.size, leftOut: facts.leftOut, about: false }
    const { n } = await one(trx, sql<{ n: number }>`SELECT count(*) AS n FROM prompts WHERE project_id = ${project}`)
    const scaled = (count: number) => Math.round((count * n) / (mostPrompts + 1))
    const leftOut = Object.fromEntries(
      Object.entries(facts.leftOut).map(([reason, count]) => [reason, scaled(count)]),
    ) as typeof facts.leftOut
    return { rows: scaled(rows), prompts: scaled(prompts.size), leftOut, about: true }
  })

/** What is said of a dataset: counted while it is made, and from its rows once it is. */
import { sql } from 'kysely'
import { all, type Db, one } from '../../platform/sql.ts'
import type { Counts } from './contract.ts'
import type { Reason } from './rules.ts'
import type { Split } from './split.ts'

export interface Facts {
  rows: number
  leftOut: Record<Reason, number>
  /** Of pairs with two votes or more: how many, and the sum of the shares of their most frequent answers. */
  judgedTwice: number
  shareSum: number
}

export const noFacts = (): Facts => ({
  rows: 0,
  leftOut: { tie: 0, fewVotes: 0, lowAgreement: 0, noText: 0, worse: 0 },
  judgedTwice: 0,
  shareSum: 0,
})

export function noteVotes(facts: Facts, votes: readonly number[]): void {
  const total = votes.reduce((sum, n) => sum + n, 0)
  if (total < 2) return
  facts.judgedTwice++
  facts.shareSum += Math.max(...votes) / total
}

/** Reads the rows of a finished draft. */
export async function countsOf(db: Db, snapshot: string, facts: Facts, { test: _, ...alike }: Split): Promise<Counts> {
  const parts = await all(
    db,
    sql<{ split: 'train' | 'test'; rows: number; prompts: number }>`
      SELECT split, count(*) AS rows, count(DISTINCT prompt_id) AS prompts FROM snapshot_rows
      WHERE snapshot_id = ${snapshot} GROUP BY split`,
  )
  const versions = await all(
    db,
    sql<{ version: number | null; source: string; simulated: boolean; n: number; people: string[] | null }>`
      SELECT a.guideline_version AS version, a.source, pe.simulated_as IS NOT NULL AS simulated, count(*) AS n,
        array_agg(DISTINCT a.person_id) FILTER (WHERE a.person_id IS NOT NULL) AS people
      FROM snapshot_rows r CROSS JOIN unnest(r.annotations) AS used JOIN annotations a ON a.id = used
        LEFT JOIN people pe ON pe.id = a.person_id
      WHERE r.snapshot_id = ${snapshot} GROUP BY 1, 2, 3 ORDER BY 1 NULLS FIRST, 2, 3`,
  )
  const part = (split: string) => {
    const found = parts.find((row) => row.split === split)
    return { rows: found?.rows ?? 0, prompts: found?.prompts ?? 0 }
  }
  const sum = (rows: typeof versions) => rows.reduce((total, { n }) => total + n, 0)
  const people = (rows: typeof versions) => new Set(rows.flatMap((row) => row.people ?? [])).size
  const byVersion = new Map<number | null, number>()
  for (const { version, source, n } of versions)
    if (source === 'person') byVersion.set(version, (byVersion.get(version) ?? 0) + n)
  return {
    rows: facts.rows,
    splits: { train: part('train'), test: part('test') },
    leftOut: facts.leftOut,
    agreement: facts.judgedTwice ? { share: facts.shareSum / facts.judgedTwice, pairs: facts.judgedTwice } : null,
    annotations: {
      all: sum(versions),
      people: people(versions),
      simulatedPeople: people(versions.filter(({ simulated }) => simulated)),
      simulated: sum(versions.filter(({ simulated }) => simulated)),
      imported: sum(versions.filter(({ source }) => source === 'import')),
    },
    guidelineVersions: [...byVersion].map(([version, annotations]) => ({ version, annotations })),
    ...(await lengthsOf(db, snapshot)),
    alike,
  }
}

async function lengthsOf(db: Db, snapshot: string): Promise<Pick<Counts, 'lengths' | 'longerChosen'>> {
  const of = (column: string) => sql`
    CASE WHEN count(${sql.ref(column)}) > 0 THEN json_build_object('mean', avg(${sql.ref(column)})::float8,
      'median', percentile_disc(0.5) WITHIN GROUP (ORDER BY ${sql.ref(column)}),
      'p95', percentile_disc(0.95) WITHIN GROUP (ORDER BY ${sql.ref(column)}), 'longest', max(${sql.ref(column)})) END`
  const { chosen, rejected, longerChosen } = await one(
    db,
    sql<Counts['lengths'] & Pick<Counts, 'longerChosen'>>`
      SELECT ${of('chosen')} AS chosen, ${of('rejected')} AS rejected,
        (avg(CASE WHEN chosen > rejected THEN 1 WHEN chosen = rejected THEN 0.5 ELSE 0 END) FILTER (WHERE soft <> 0.5))::float8
          AS "longerChosen"
      FROM (
        SELECT length(c.text) AS chosen, length(j.text) AS rejected, r.soft
        FROM snapshot_rows r JOIN messages c ON c.id = r.chosen LEFT JOIN messages j ON j.id = r.rejected
        WHERE r.snapshot_id = ${snapshot}) texts`,
  )
  return { lengths: { chosen, rejected }, longerChosen }
}

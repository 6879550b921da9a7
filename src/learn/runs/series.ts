/** The figures of a run as curves, thinned so that a page can draw them however long it was. */
import { sql } from 'kysely'
import { all, type Db, first } from '../../platform/sql.ts'
import type { TrainingEvent } from '../../trainer/schedule/events.ts'
import type { RunSeries } from './contract.ts'
import { figures } from './figures.ts'

type StepEvent = Extract<TrainingEvent, { event: 'step' }>

const lastOf = (db: Db, run: string, kind: 'step' | 'start') =>
  first(
    db,
    sql<{ event: TrainingEvent }>`
      SELECT event FROM run_events WHERE run_id = ${run} AND event ->> 'event' = ${kind} ORDER BY seq DESC LIMIT 1`,
  )

type EvalEvent = Extract<TrainingEvent, { event: 'eval' }>

/** A step that was done again after a kill counts once. */
async function heldOf(db: Db, run: string): Promise<RunSeries['held']> {
  const rows = await all(
    db,
    sql<{ event: EvalEvent }>`
      SELECT DISTINCT ON ((event ->> 'step')::int) event FROM run_events
      WHERE run_id = ${run} AND event ->> 'event' = 'eval' ORDER BY (event ->> 'step')::int, seq DESC`,
  )
  return rows.map(({ event: { event: _, ...measured } }) => measured)
}

type StartEvent = Extract<TrainingEvent, { event: 'start' }>
/** How it last began. */
export const startOf = async (db: Db, run: string): Promise<StartEvent | undefined> =>
  (await lastOf(db, run, 'start'))?.event as StartEvent | undefined

/** How long it trains yet, by its last step; undefined before the first. */
export async function leftMsOf(db: Db, run: string): Promise<number | undefined> {
  const latest = (await lastOf(db, run, 'step'))?.event as StepEvent | undefined
  return latest && Math.round(latest.etaSeconds) * 1000
}

const value = (key: string) => sql`avg((event ->> ${sql.lit(key)})::float8)`

/** Means over `every` steps each, about `points` of them. A step that was done again after a kill counts once. */
export async function seriesOf(db: Db, run: string, points: number): Promise<RunSeries> {
  const latest = (await lastOf(db, run, 'step'))?.event as StepEvent | undefined
  if (!latest) return { every: 1, steps: [], figures: [], held: [], latest: null }
  const every = Math.ceil(latest.step / points)
  const rows = await all(
    db,
    sql<{ step: number; means: (number | null)[] }>`
      SELECT max(step) AS step, ARRAY[${sql.join(figures.map(({ key }) => value(key)))}] AS means
      FROM (
        SELECT DISTINCT ON (step) (event ->> 'step')::int AS step, event FROM run_events
        WHERE run_id = ${run} AND event ->> 'event' = 'step' ORDER BY step, seq DESC) steps
      GROUP BY (step - 1) / ${every}::int ORDER BY step`,
  )
  const { step, steps, etaSeconds, tokensPerSecond } = latest
  return {
    every,
    steps: rows.map((row) => row.step),
    figures: figures
      .map(({ key }, i) => ({ key, values: rows.map(({ means }) => means[i] ?? null) }))
      .filter(({ values }) => values.some((mean) => mean !== null)),
    held: await heldOf(db, run),
    latest: { step, steps, etaSeconds, tokensPerSecond },
  }
}

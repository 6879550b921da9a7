/** How far people are with tasks, and how long what is left takes them at their pace of today. */
import { type RawBuilder, sql } from 'kysely'
import { queued } from '../../collect/tasks/states.ts'
import { type Db, one } from '../../platform/sql.ts'
import type { OpenRound } from '../store.ts'

interface Counts {
  done: number
  total: number
  answers: number
  missing: number
  people: number
  simulated: boolean
  activeMs: number
  contested: number
  firstAt: Date | null
  lastAt: Date | null
}

/** @param tasks a query of `task_id` */
const counts = (db: Db, tasks: RawBuilder<unknown>): Promise<Counts> =>
  one(
    db,
    sql<Counts>`
      WITH own AS (SELECT q.* FROM (${tasks}) asked JOIN queue q ON q.task_id = asked.task_id),
      said AS (
        SELECT a.person_id, s.active_ms, s.sent_at FROM own JOIN assignments a ON a.task_id = own.task_id
        JOIN submissions s ON s.assignment_id = a.id AND s.withdrawn_at IS NULL),
      lately AS (SELECT sent_at FROM said ORDER BY sent_at DESC LIMIT 200)
      SELECT (SELECT count(*) FROM own WHERE state = ${queued.answered}) AS done,
        (SELECT count(*) FROM own WHERE state <> ${queued.withdrawn}) AS total,
        (SELECT count(*) FROM said) AS answers,
        (SELECT coalesce(sum(t.overlap - own.answered), 0) FROM own JOIN tasks t ON t.id = own.task_id
          WHERE own.state IN (${queued.open}, ${queued.handedOut})) AS missing,
        (SELECT count(DISTINCT person_id) FROM said) AS people,
        EXISTS (SELECT 1 FROM said JOIN people p ON p.id = said.person_id WHERE p.simulated_as IS NOT NULL) AS simulated,
        (SELECT coalesce(sum(active_ms), 0) FROM said) AS "activeMs",
        (SELECT count(*) FROM consensus c JOIN own ON own.task_id = c.task_id WHERE c.attribute = 'preference' AND c.tied) AS contested,
        (SELECT min(sent_at) FROM lately) AS "firstAt", (SELECT max(sent_at) FROM lately) AS "lastAt"`,
  )

/** An hour without an answer: a pace of before says nothing of now. */
const staleMs = 3_600_000

async function paceOf(db: Db, tasks: RawBuilder<unknown>, now: Date) {
  const { done, total, answers, missing, firstAt, lastAt, ...rest } = await counts(db, tasks)
  const paced = Math.min(answers, 200) - 1
  const pace = firstAt && lastAt && paced > 0 ? (lastAt.getTime() - firstAt.getTime()) / paced : undefined
  const isFresh = lastAt !== null && now.getTime() - lastAt.getTime() < staleMs
  return {
    done,
    total,
    ...rest,
    ...(pace !== undefined && isFresh && missing > 0 ? { leftMs: Math.round((pace * missing) / 1000) * 1000 } : {}),
  }
}

export const roundTasks = (db: Db, { id }: OpenRound, now: Date) =>
  paceOf(db, sql`SELECT task_id FROM round_tasks WHERE round_id = ${id}`, now)

export const paceOfTasks = (db: Db, tasks: string[], now: Date) =>
  paceOf(db, sql`SELECT unnest(${tasks}::uuid[]) AS task_id`, now)

/** Reads of consensus, for screens, exports and later stations. */
import { sql } from 'kysely'
import { all, type Db } from '../../platform/sql.ts'
import type { Consensus } from './rules.ts'

type StoredConsensus = Consensus & { task: string }

const columns = sql`targets, step, attribute, counts, total, soft, label, tied, mean, task_id AS task`

export const consensusOfTasks = (db: Db, tasks: string[]): Promise<StoredConsensus[]> =>
  all(
    db,
    sql<StoredConsensus>`
      SELECT ${columns} FROM consensus WHERE task_id = ANY(${tasks}::uuid[]) ORDER BY task_id, targets, step, attribute`,
  )

/** All of a project's, ordered by key: what a rebuild must give again. */
export const consensusOfProject = (db: Db, project: string): Promise<StoredConsensus[]> =>
  all(
    db,
    sql<StoredConsensus>`SELECT ${columns} FROM consensus WHERE project_id = ${project} ORDER BY targets, step, attribute`,
  )

interface PairConsensus {
  task: string
  step: string
  attribute: string
  /** The two messages compared, in stored order. */
  targets: [string, string]
  /** Probability of each label, every vote weighed by its author's record: `{"first": 0.91, "second": 0.06, "tie": 0.03}`. */
  soft: Record<string, number>
  /** The most probable label, null where several are. */
  label: string | null
  /** Probability that the first of `targets` is the better one; ties and whatever else takes no side count half. */
  firstBetter: number
  /** People who judged. */
  people: number
}

/**
 * The soft posterior of pairs, one row a task, step and attribute; tasks without consensus have none. What an answer says is
 * there within a second of it, what it teaches about people some seconds later.
 */
export async function softLabelsOf(db: Db, tasks: string[], attribute = 'preference'): Promise<PairConsensus[]> {
  const rows = await consensusOfTasks(db, tasks)
  return rows.flatMap(({ task, step, attribute: own, targets, soft, label, total }) => {
    if (own !== attribute || targets.length !== 2) return []
    const { first = 0, second = 0 } = soft
    return [
      {
        task,
        step,
        attribute,
        targets: targets as [string, string],
        soft,
        label,
        firstBetter: first + (1 - first - second) / 2,
        people: total,
      },
    ]
  })
}

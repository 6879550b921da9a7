/** Reads of consensus, for screens, exports and later stations. */
import { sql } from 'kysely'
import type { purposes } from '../../collect/tasks/contract.ts'
import { all, type Db } from '../../platform/sql.ts'
import type { ConsensusRow } from './contract.ts'

type StoredConsensus = ConsensusRow & { task: string }

const said = sql`consensus.targets, step, attribute, counts, total, soft, label, tied, mean`
const columns = sql`${said}, task_id AS task`

export const consensusOfTasks = (db: Db, tasks: string[]): Promise<StoredConsensus[]> =>
  all(
    db,
    sql<StoredConsensus>`
      SELECT ${columns} FROM consensus WHERE task_id = ANY(${tasks}::uuid[]) ORDER BY task_id, targets, step, attribute`,
  )

/** On all that a task's annotations speak of, whichever task on the same responses they came from. */
export const consensusAbout = (db: Db, project: string, task: string): Promise<ConsensusRow[]> =>
  all(
    db,
    sql<ConsensusRow>`
      SELECT ${said} FROM consensus
      WHERE project_id = ${project} AND targets IN (SELECT targets FROM annotations WHERE task_id = ${task} AND source = 'person')
      ORDER BY step, targets, attribute <> 'preference', attribute`,
  )

const pageRows = 5000

/** All of a project's in the order of the key, in pages; with what its tasks are for, as not every judgement may train. */
export async function* consensusRows(
  db: Db,
  project: string,
): AsyncGenerator<StoredConsensus & { purpose: (typeof purposes)[number] }> {
  for (let after = sql`true`; ; ) {
    const rows = await all(
      db,
      sql<StoredConsensus & { purpose: (typeof purposes)[number] }>`
        SELECT ${columns}, t.purpose FROM consensus JOIN tasks t ON t.id = task_id
        WHERE consensus.project_id = ${project} AND ${after} ORDER BY consensus.targets, step, attribute LIMIT ${pageRows}`,
    )
    yield* rows
    const last = rows.at(-1)
    if (!last || rows.length < pageRows) return
    after = sql`(consensus.targets, step, attribute) > (${last.targets}::uuid[], ${last.step}, ${last.attribute})`
  }
}

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

/** Reads of consensus, for screens, exports and later stations. */
import { sql } from 'kysely'
import { all, type Db } from '../../platform/sql.ts'
import type { Consensus } from './rules.ts'

export type StoredConsensus = Consensus & { task: string }

const columns = sql`targets, step, attribute, counts, total, label, tied, mean, task_id AS task`

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

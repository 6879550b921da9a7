/** All consensus of a project at once, as tests compare it. */
import { consensusRows } from '../src/assure/consensus/read.ts'
import type { Db } from '../src/platform/sql.ts'

export async function consensusOfProject(db: Db, project: string) {
  const rows = []
  for await (const row of consensusRows(db, project)) rows.push(row)
  return rows
}

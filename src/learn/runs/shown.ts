/** A run as whoever may read it is shown it. */
import type { Db } from '../../platform/sql.ts'
import type { Run, ShownRun } from './contract.ts'
import { startOf } from './series.ts'
import { filledIn } from './settings.ts'
import type { StoredRun } from './store.ts'

/** What may be shown. */
export const shown = ({ project: _, snapshotId: __, rewardId: ___, ...run }: StoredRun): Run => run

/** With what it was found to be when it began. */
export async function shownRun(db: Db, stored: StoredRun): Promise<ShownRun> {
  const run = shown(stored)
  const start = await startOf(db, run.id)
  if (!start) return { ...run, began: null }
  const { rows, evalRows, parameters, trainedParameters, estimatedBytes } = start
  const settings = filledIn(run.algorithm, { steps: start.steps, ...run.settings }, parameters)
  return { ...run, began: { rows, evalRows, parameters, trainedParameters, estimatedBytes, settings } }
}

/** What later stations use of runs, inside their own transactions. */
export { lineageOf } from './lineage.ts'
export { leftMsOf } from './series.ts'
export type { RunSettings } from './settings.ts'
export { checkRun, resumeRun, startRun, stopRun, type WantedRun } from './start.ts'
export { findRun, listRuns, type StoredRun } from './store.ts'

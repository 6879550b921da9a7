/** What later stations use of runs, inside their own transactions. */
export { resumeRun, startRun, stopRun, type WantedRun } from './start.ts'
export { findRun, listRuns, type StoredRun } from './store.ts'

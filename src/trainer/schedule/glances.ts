/**
 * When held-out rows are measured while a run trains, and how many of them. A row that is only measured costs at most two
 * thirds of one that is trained on (DPO with an adapter: two passes forward beside these two and one back), so that a
 * twentieth of a run is 0.075 rows for each that it trains on. Ten times, then, where that leaves eight rows or more each
 * time; fewer times where it does not. Fewer than eight rows say little and fewer than three points are no curve: only a run
 * that trains on less than 320 rows pays more than a twentieth.
 */
const share = 0.075
const times = 10
const fewestRows = 8

export interface Glances {
  rows: number
  /** Measured before the first step, after every so many, and after the last. */
  every: number
}

/** `trained`: rows that the run trains on, each as often as it does; `held`: those held out, `most`: of which so many. */
export function glancesOf(steps: number, trained: number, held: number, most: number): Glances | undefined {
  const budget = share * trained
  const rows = Math.min(most, held, Math.max(fewestRows, Math.floor(budget / (times + 1))))
  if (rows === 0) return undefined
  const affordable = Math.floor(budget / rows) - 1
  return { rows, every: Math.ceil(steps / Math.min(times, Math.max(2, affordable))) }
}

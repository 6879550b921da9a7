/**
 * The learning rate of a step: linear warm-up, then constant, linear or cosine (Loshchilov and Hutter 2017, arXiv
 * 1608.03983, without restarts) down to 0. `constant` has no warm-up, so that a run can be extended exactly.
 *
 * Example: peak 1, 10 steps, 2 of warm-up, linear: 0.5, 1, 1, 0.875, ..., 0.125 (it would be 0 after the last).
 */
export type Schedule = 'constant' | 'linear' | 'cosine'

export interface RateSettings {
  peak: number
  steps: number
  warmupSteps: number
  schedule: Schedule
}

/** `step` counts from 1. */
export function rateAt(step: number, { peak, steps, warmupSteps, schedule }: RateSettings): number {
  if (schedule === 'constant') return peak
  if (step <= warmupSteps) return (peak * step) / warmupSteps
  const gone = (step - 1 - warmupSteps) / Math.max(1, steps - warmupSteps)
  return schedule === 'linear' ? peak * (1 - gone) : (peak / 2) * (1 + Math.cos(Math.PI * gone))
}

/**
 * Workers who cannot be told from guessing: the whole interval of their accuracy lies below the middle between guessing (one of
 * K classes) and the best worker. Relative to the best, because where items are ambiguous nobody is accurate; by the upper end
 * of the interval, because few answers are no evidence against anybody.
 *
 * In 100 simulated projects of four careful people and a careless one, the careless was found in all with 300 pairs and
 * overlap 3, in .11 of them with 60 pairs and overlap 2; no careful one was accused in either (a test prints them).
 *
 * Worked example: two classes, best accuracy .9: the bar is .7; an interval of .45 to .68 is below it, one of .5 to .75 is not.
 */
import type { WorkerQuality } from './result.ts'

export interface Suspect {
  worker: number
  accuracy: number
  low: number
  high: number
  labels: number
}

/** Lowest first. `bar` is what their interval lies below. */
export function suspects(quality: WorkerQuality, classes: number): { bar: number; workers: Suspect[] } {
  const { accuracy, low, high, labels } = quality
  const best = accuracy.reduce((top, value, w) => (labels[w]! > 0 ? Math.max(top, value) : top), 1 / classes)
  const bar = (1 / classes + best) / 2
  const workers: Suspect[] = []
  accuracy.forEach((value, worker) => {
    if (labels[worker]! > 0 && high[worker]! < bar)
      workers.push({ worker, accuracy: value, low: low[worker]!, high: high[worker]!, labels: labels[worker]! })
  })
  return { bar, workers: workers.sort((a, b) => a.accuracy - b.accuracy) }
}

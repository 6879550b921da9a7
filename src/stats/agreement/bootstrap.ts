/**
 * Bootstrap interval of an agreement coefficient (Efron 1979): over items, or over items and raters at once (the pigeonhole
 * bootstrap of Owen 2007, doi 10.1214/07-AOAS122, slightly too wide rather than too narrow). Over items it answers "with other
 * items, the same raters?", over both "with other items and other raters?": the wider one belongs in a claim about a process.
 * A rater drawn twice makes no pair with itself.
 *
 * Worked example: `docs/statistics/agreement-krippendorff.md`.
 */
import { createRandom } from '../random.ts'
import { drawTimes, summarise } from '../resampling.ts'
import { brennanPredigerPoint } from './brennan-prediger.ts'
import { congerPoint } from './conger.ts'
import { isUndefined, type Undefined } from './estimate.ts'
import { fleissPoint } from './fleiss.ts'
import { gwetPoint } from './gwet.ts'
import { krippendorffPoint } from './krippendorff.ts'
import { percentPoint } from './percent.ts'
import { type Prepared, resample } from './prepared.ts'

const points = {
  percent: percentPoint,
  fleiss: fleissPoint,
  conger: congerPoint,
  'brennan-prediger': brennanPredigerPoint,
  gwet: gwetPoint,
  krippendorff: krippendorffPoint,
} satisfies Record<string, (prepared: Prepared) => { estimate: number } | Undefined>

export type BootstrapCoefficient = keyof typeof points

export interface BootstrapOptions {
  over: 'items' | 'items and raters'
  seed: number
  /** Resamples; 1000 where not given. */
  resamples?: number
  confidence?: number
}

export interface Bootstrap {
  estimate: number
  se: number
  low: number
  high: number
  resamples: number
  /** Resamples in which the coefficient was undefined (no variation); they are left out. */
  undefinedResamples: number
}

/** Yields the share that is done about a hundred times, so that the caller can show it, pause or stop; returns the interval. */
export function* bootstrapAgreement(
  prepared: Prepared,
  coefficient: BootstrapCoefficient,
  { over, seed, resamples = 1000, confidence = 0.95 }: BootstrapOptions,
): Generator<number, Bootstrap | Undefined> {
  const point = points[coefficient]
  const whole = point(prepared)
  if (isUndefined(whole)) return whole
  const random = createRandom(seed)
  const values: number[] = []
  const every = Math.max(1, Math.floor(resamples / 100))
  for (let b = 0; b < resamples; b++) {
    const itemTimes = drawTimes(prepared.counts.items, random)
    const raterTimes = over === 'items' ? undefined : drawTimes(prepared.ratings.raters, random)
    const drawn = point(resample(prepared, itemTimes, raterTimes))
    if (!isUndefined(drawn)) values.push(drawn.estimate)
    if ((b + 1) % every === 0) yield (b + 1) / resamples
  }
  if (values.length < resamples / 2)
    return { undefined: 'most resamples hold one category only; an interval would hide that' }
  return {
    estimate: whole.estimate,
    ...summarise(values, confidence),
    resamples,
    undefinedResamples: resamples - values.length,
  }
}

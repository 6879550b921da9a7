/**
 * Drift of a rate (right answers of a worker, agreement of the pool) as the answers come in. For a rise, count the opposite.
 *
 * CUSUM (Page 1954): S = max(0, S + ln P(batch | worse) - ln P(batch | usual)); alarm above a threshold, then it starts anew. Batches
 * are beta-binomial: the usual rate itself varies from day to day with `concentration` a + b (infinite: plain binomial), so that a
 * bad day is no alarm. EWMA (Roberts 1959): z = (1 - weight) z + weight (share of the batch), alarm below the usual rate by
 * `threshold` standard deviations of z. Both thresholds are found by simulating a rate that does not drift until the alarms per 1,000
 * answers are what was asked for; the figure they were found with is part of the result.
 *
 * Worked example: usual rate 0.9, worse 0.75, single answers: a right one adds ln(0.75 / 0.9) = -0.182, a wrong one
 * ln(0.25 / 0.1) = 0.916; three wrong in a row reach 2.749.
 */
import { logGamma } from '../distributions.ts'
import { drawBeta } from '../draws.ts'
import { createRandom, type Random } from '../random.ts'

export interface DriftDesign {
  /** The usual rate, and the rate that must not go unnoticed. */
  usual: number
  worse: number
  /** Answers a batch in the simulation of alarms; 1 watches answer by answer. */
  batch: number
  /** a + b of the beta distribution of a batch's rate; Infinity where batches vary by chance alone. */
  concentration: number
}

export interface Detector {
  kind: 'cusum' | 'ewma'
  design: DriftDesign
  threshold: number
  /** Alarms per 1,000 answers without drift, as simulated at this threshold. */
  falseAlarmsPer1000: number
  /** EWMA: weight of the newest batch. */
  weight?: number
}

export interface DriftState {
  value: number
  /** Sum of squared weights of the EWMA's batches. */
  spread: number
  alarms: number
  answers: number
}

export const startDrift = (detector: Detector): DriftState => ({
  value: detector.kind === 'cusum' ? 0 : detector.design.usual,
  spread: 0,
  alarms: 0,
  answers: 0,
})

/** One batch of `n` answers with `hits` right; returns the new state and whether it raised an alarm. */
export function stepDrift(
  detector: Detector,
  state: DriftState,
  hits: number,
  n: number,
): DriftState & { alarm: boolean } {
  const { design, threshold } = detector
  if (detector.kind === 'cusum') {
    const { usual, worse, concentration } = design
    const step = logBatch(hits, n, worse, concentration) - logBatch(hits, n, usual, concentration)
    const value = Math.max(0, state.value + step)
    const alarm = value >= threshold
    return {
      value: alarm ? 0 : value,
      spread: 0,
      alarms: state.alarms + (alarm ? 1 : 0),
      answers: state.answers + n,
      alarm,
    }
  }
  const weight = detector.weight!
  const value = (1 - weight) * state.value + (weight * hits) / n
  const more = Number.isFinite(design.concentration) ? (design.concentration + n) / (design.concentration + 1) : 1
  const spread = (1 - weight) ** 2 * state.spread + (weight ** 2 * more) / n
  const alarm = value < design.usual - threshold * Math.sqrt(design.usual * (1 - design.usual) * spread)
  return {
    value: alarm ? design.usual : value,
    spread: alarm ? 0 : spread,
    alarms: state.alarms + (alarm ? 1 : 0),
    answers: state.answers + n,
    alarm,
  }
}

/** ln of the beta-binomial probability of the batch, without the binomial coefficient, which both rates share. */
function logBatch(hits: number, n: number, rate: number, concentration: number): number {
  if (!Number.isFinite(concentration)) return hits * Math.log(rate) + (n - hits) * Math.log1p(-rate)
  if (n === 1) return hits === 1 ? Math.log(rate) : Math.log1p(-rate)
  const a = rate * concentration
  const b = concentration - a
  return (
    logGamma(a + hits) +
    logGamma(b + n - hits) -
    logGamma(concentration + n) -
    logGamma(a) -
    logGamma(b) +
    logGamma(concentration)
  )
}

/**
 * A detector whose alarms without drift are about `falseAlarmsPer1000` answers: its threshold is found on 400,000 simulated
 * answers, and the figure that it states comes from 400,000 others.
 */
export function designDetector(
  kind: 'cusum' | 'ewma',
  design: DriftDesign,
  { falseAlarmsPer1000, seed, weight = 0.05 }: { falseAlarmsPer1000: number; seed: number; weight?: number },
): Detector | { undefined: string } {
  if (!(design.worse < design.usual)) return { undefined: 'the worse rate must be below the usual one' }
  if (!(design.worse > 0 && design.usual < 1))
    return { undefined: 'a usual rate of 1, or a worse rate of 0, leaves no room for chance' }
  const random = createRandom(seed)
  const batches = Math.ceil(400_000 / design.batch)
  const draw = () => Float64Array.from({ length: batches }, () => drawBatch(design, random))
  const [search, check] = [draw(), draw()]
  const alarmsAt = kind === 'cusum' ? cusumAlarms(design) : ewmaAlarms(design, weight)
  const perThousand = (threshold: number, hits = search) =>
    (1000 * alarmsAt(hits, threshold)) / (hits.length * design.batch)
  let [low, high] = [0, 1]
  while (perThousand(high) > falseAlarmsPer1000 && high < 1024) [low, high] = [high, 2 * high]
  for (let step = 0; step < 12; step++) {
    const middle = (low + high) / 2
    if (perThousand(middle) > falseAlarmsPer1000) low = middle
    else high = middle
  }
  return {
    kind,
    design,
    threshold: high,
    falseAlarmsPer1000: perThousand(high, check),
    weight: kind === 'ewma' ? weight : undefined,
  }
}

type CountAlarms = (hits: Float64Array, threshold: number) => number

/** Alarms over batches: `stepDrift`, with what each number of hits adds worked out once. */
function cusumAlarms({ usual, worse, batch, concentration }: DriftDesign): CountAlarms {
  const adds = Float64Array.from(
    { length: batch + 1 },
    (_, hits) => logBatch(hits, batch, worse, concentration) - logBatch(hits, batch, usual, concentration),
  )
  return (hits, threshold) => {
    let [value, alarms] = [0, 0]
    for (let b = 0; b < hits.length; b++) {
      value = Math.max(0, value + adds[hits[b]!]!)
      if (value < threshold) continue
      value = 0
      alarms++
    }
    return alarms
  }
}

function ewmaAlarms(design: DriftDesign, weight: number): CountAlarms {
  return (hits, threshold) => {
    const detector: Detector = { kind: 'ewma', design, threshold, falseAlarmsPer1000: 0, weight }
    let state = startDrift(detector)
    for (const own of hits) state = stepDrift(detector, state, own, design.batch)
    return state.alarms
  }
}

export function drawBatch({ usual, batch, concentration }: DriftDesign, random: Random, rate = usual): number {
  const own = Number.isFinite(concentration) ? drawBeta(rate * concentration, (1 - rate) * concentration, random) : rate
  let hits = 0
  for (let i = 0; i < batch; i++) if (random.next() < own) hits++
  return hits
}

/**
 * Are probabilities right: of the cases given 70%, do 70% come true?
 *
 * Brier (1950): mean of (p - y)^2. Reliability curve: bins of equal numbers of cases, mean probability against share that came
 * true, with Wilson's interval. ECE: mean over cases of |bin mean - bin share|, which chance alone keeps above 0; the debiased
 * root mean square error takes out what chance adds (Kumar, Liang and Ma 2019, arXiv 1909.10155), and is 0 where nothing is left.
 * Temperature (Guo et al. 2017, arXiv 1706.04599): the T for which sigmoid(logit(p) / T) has the largest likelihood; above 1 the
 * probabilities were too sure.
 *
 * Worked example, one bin: probabilities 0.9 four times, outcomes 1 1 1 0: Brier 0.21, ECE 0.15, squared error 0.0225 less
 * 0.75 * 0.25 / 3 = 0.0625: debiased 0.
 */
import { wilson } from '../share.ts'
import { sigmoid } from '../sigmoid.ts'

export interface ReliabilityBin {
  meanProbability: number
  share: number
  low: number
  high: number
  n: number
}

export interface Calibration {
  brier: number
  ece: number
  debiasedRmsce: number
  bins: ReliabilityBin[]
  temperature: number | { undefined: string }
  n: number
}

/** @param outcome 1 where it came true, 0 where not */
export function calibration(
  probability: ArrayLike<number>,
  outcome: ArrayLike<number>,
  binCount = 15,
): Calibration | { undefined: string } {
  const n = probability.length
  if (n < 2) return { undefined: 'two cases or more are needed' }
  const order = Array.from({ length: n }, (_, i) => i).sort((a, b) => probability[a]! - probability[b]!)
  let brier = 0
  for (let i = 0; i < n; i++) brier += (probability[i]! - outcome[i]!) ** 2 / n
  const bins: ReliabilityBin[] = []
  let ece = 0
  let squared = 0
  for (let from = 0; from < n; ) {
    let to = Math.min(n, Math.max(from + 2, Math.round(((bins.length + 1) * n) / Math.min(binCount, Math.ceil(n / 2)))))
    // Equal probabilities stay in one bin, or their order in the file would decide.
    while (to < n && probability[order[to]!] === probability[order[to - 1]!]) to++
    if (n - to === 1) to = n
    const size = to - from
    let mean = 0
    let share = 0
    for (let at = from; at < to; at++) {
      mean += probability[order[at]!]! / size
      share += outcome[order[at]!]! / size
    }
    const [low, high] = wilson(share, size)
    bins.push({ meanProbability: mean, share, low, high, n: size })
    ece += (size / n) * Math.abs(mean - share)
    squared += (size / n) * ((mean - share) ** 2 - (share * (1 - share)) / (size - 1))
    from = to
  }
  return {
    brier,
    ece,
    debiasedRmsce: Math.sqrt(Math.max(0, squared)),
    bins,
    temperature: fitTemperature(probability, outcome),
    n,
  }
}

const logitOf = (p: number) => Math.log(p / (1 - p))

/** The temperature with the largest likelihood, by Newton on 1 / T (the likelihood is concave in it). */
export function fitTemperature(
  probability: ArrayLike<number>,
  outcome: ArrayLike<number>,
): number | { undefined: string } {
  const logits: number[] = []
  const y: number[] = []
  for (let i = 0; i < probability.length; i++) {
    const clipped = Math.min(1 - 1e-12, Math.max(1e-12, probability[i]!))
    logits.push(logitOf(clipped))
    y.push(outcome[i]!)
  }
  let inverse = 1
  for (let step = 0; step < 100; step++) {
    let slope = 0
    let curve = 0
    for (let i = 0; i < logits.length; i++) {
      const p = sigmoid(inverse * logits[i]!)
      slope += (y[i]! - p) * logits[i]!
      curve += p * (1 - p) * logits[i]! ** 2
    }
    if (!(curve > 1e-12))
      return { undefined: 'the probabilities are all one half, or tell the outcomes apart without error' }
    const move = Math.max(-inverse / 2, Math.min(2 * inverse + 1, slope / curve))
    inverse += move
    if (inverse < 1e-6)
      return { undefined: 'the probabilities do not go with the outcomes: no temperature makes them right' }
    if (Math.abs(move) < 1e-10 * inverse) return 1 / inverse
  }
  return { undefined: 'the probabilities tell the outcomes apart without error' }
}

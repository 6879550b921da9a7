/**
 * Dawid and Skene, "Maximum Likelihood Estimation of Observer Error-Rates Using the EM Algorithm", Applied Statistics
 * 28 (1979): a confusion matrix per worker and the shares of the classes, by EM from the vote shares.
 *
 *   p_k = (sum_i q_ik + a) / (items + K a),   pi_wkl = (sum over w's answers l of q_ik + a) / (sum over w's answers of q_ik + K a)
 *
 * `prior` is the pseudo-count a of every cell and class: 0 is maximum likelihood; 1, Laplace's rule, says
 * that workers are no better than chance and drowns those with few answers. Gold items keep their class;
 * `history` adds a worker's earlier answers (pseudo-counts per true and answered class) to every M step, so that what is
 * known of a worker stays known.
 *
 * Worked example (the paper's Table 1: 45 patients, 5 anaesthetists, one of whom judged each patient three times), prior 0:
 * class shares .4000 .4216 .1118 .0667, log-likelihood -190.731.
 */
import { byTruth, confusionCells, confusionQuality, countAnswers, mapCells } from './confusion.ts'
import { preparePass } from './em-pass.ts'
import type { Labels } from './labels.ts'
import { prevalenceOf, type Step, type Truth, voteShares } from './result.ts'

export interface DawidSkeneOptions {
  /** Pseudo-count of every class and of every cell of every confusion matrix; 0 = maximum likelihood. */
  prior?: number
  /** One class an item, -1 where it is not known. */
  gold?: Int32Array
  /** workers x classes (true) x classes (answered) pseudo-counts from earlier work. */
  history?: Float64Array
  iterations?: number
  /** Stops once no posterior moves by more than this. */
  tolerance?: number
}

export function dawidSkene(table: Labels, options: DawidSkeneOptions = {}): Truth {
  const { prior = 0.1, gold, history, iterations = 1000, tolerance = 1e-6 } = options
  const { classes } = table
  const posterior = voteShares(table)
  if (gold) holdGold(posterior, classes, gold)
  const priorCounts = confusionCells(table).fill(prior)
  const earlier = history && byTruth(history, classes)
  if (earlier) for (let n = 0; n < priorCounts.length; n++) priorCounts[n]! += earlier[n]!
  const counts = priorCounts.slice()
  countAnswers(table, posterior, counts)
  const pass = preparePass(table, gold)
  const pi = new Float64Array(counts.length)
  const trace: Step[] = []
  let next = prevalenceOf(posterior, classes).map(
    (share) => (share * table.items + prior) / (table.items + classes * prior),
  )
  let prevalence = next
  let logLikelihood = 0
  let converged = false
  while (trace.length < iterations && !converged) {
    mapCells(counts, classes, pi, (count, total) => (total > 0 ? count / total : 1 / classes))
    prevalence = next
    const step = pass(pi, prevalence, posterior, priorCounts, counts)
    next = step.sums.map((sum) => (sum + prior) / (table.items + classes * prior))
    logLikelihood = step.logLikelihood
    trace.push({ objective: logLikelihood + logPriorDensity(pi, prevalence, prior, earlier), change: step.change })
    converged = step.change < tolerance
  }
  if (prior === 0) for (let n = 0; n < counts.length; n++) counts[n]! += 0.5
  const quality = confusionQuality(table, counts, prevalence)
  if (prior === 0) {
    quality.confusion = byTruth(pi, classes)
  }
  return {
    method: 'dawid-skene',
    posterior,
    prevalence,
    quality,
    trace,
    iterations: trace.length,
    converged,
    logLikelihood,
  }
}

/** Log density of class shares and confusion matrices under their Dirichlet priors, up to a constant: what EM maximises beside the likelihood. */
function logPriorDensity(
  pi: Float64Array,
  prevalence: Float64Array,
  prior: number,
  earlier: Float64Array | undefined,
): number {
  if (prior === 0 && !earlier) return 0
  let sum = prior === 0 ? 0 : prevalence.reduce((total, share) => total + prior * Math.log(share), 0)
  for (let n = 0; n < pi.length; n++) {
    const weight = prior + (earlier ? earlier[n]! : 0)
    if (weight > 0) sum += weight * Math.log(pi[n]!)
  }
  return sum
}

/** Puts the known classes into a posterior. */
export function holdGold(posterior: Float64Array, classes: number, gold: Int32Array): void {
  for (let i = 0; i < gold.length; i++) {
    if (gold[i]! < 0) continue
    posterior.fill(0, i * classes, (i + 1) * classes)
    posterior[i * classes + gold[i]!] = 1
  }
}

/**
 * Three ways to read a tie between items whose scores differ by d = s_i - s_j. Each gives, for one pair, the log-likelihood
 * of its votes and its derivatives in d and in the tie parameter eta; all are concave in (d, eta).
 *
 * half         a tie is half a vote for each:  P(i) = s(d), s the logistic function.
 * davidson     Davidson (JASA 1970):  P(i), P(j), P(tie) in the ratio e^(d/2) : e^(-d/2) : nu, eta = log nu.
 * rao-kupper   Rao and Kupper (JASA 1967):  P(i) = s(d - eta), P(j) = s(-d - eta), theta = e^eta > 1.
 *
 * Worked example, 6 wins, 2 losses, 4 ties: Davidson's maximum has e^d = 3; Rao-Kupper's e^d = sqrt 5, theta = sqrt 5.
 */
import { logSigmoid, sigmoid } from '../sigmoid.ts'

export type TieModel = 'half' | 'davidson' | 'rao-kupper'

/** Log-likelihood, then its first derivatives in d and eta, then dd, d-eta, eta-eta. */
export type Derivatives = [value: number, d: number, eta: number, dd: number, dEta: number, etaEta: number]

export type PairLikelihood = (wins: number, losses: number, ties: number, d: number, eta: number) => Derivatives

const half: PairLikelihood = (wins, losses, ties, d) => {
  const w = wins + ties / 2
  const l = losses + ties / 2
  const p = sigmoid(d)
  return [w * logSigmoid(d) + l * logSigmoid(-d), w - (w + l) * p, 0, -(w + l) * p * (1 - p), 0, 0]
}

const davidson: PairLikelihood = (wins, losses, ties, d, eta) => {
  const top = Math.max(d / 2, -d / 2, eta)
  const a = Math.exp(d / 2 - top)
  const b = Math.exp(-d / 2 - top)
  const c = Math.exp(eta - top)
  const z = a + b + c
  const n = wins + losses + ties
  const lead = (a - b) / z
  const tie = c / z
  return [
    ((wins - losses) * d) / 2 + ties * eta - n * (top + Math.log(z)),
    (wins - losses - n * lead) / 2,
    ties - n * tie,
    (-n * ((a + b) / z - lead * lead)) / 4,
    (n * tie * lead) / 2,
    -n * tie * (1 - tie),
  ]
}

const raoKupper: PairLikelihood = (wins, losses, ties, d, eta) => {
  const a = wins + ties
  const b = losses + ties
  const p = sigmoid(d - eta)
  const q = sigmoid(-d - eta)
  const square = Math.exp(2 * eta)
  const u = a * p * (1 - p)
  const v = b * q * (1 - q)
  const tied =
    ties > 0 ? [Math.log(square - 1), (2 * square) / (square - 1), (4 * square) / (square - 1) ** 2] : [0, 0, 0]
  return [
    a * logSigmoid(d - eta) + b * logSigmoid(-d - eta) + ties * tied[0]!,
    a * (1 - p) - b * (1 - q),
    -a * (1 - p) - b * (1 - q) + ties * tied[1]!,
    -u - v,
    u - v,
    -u - v - ties * tied[2]!,
  ]
}

export const pairLikelihood: Record<TieModel, PairLikelihood> = { half, davidson, 'rao-kupper': raoKupper }

/** Probabilities [i wins, j wins, tie] at a score difference; under `half` ties have none of their own. */
export function outcomeProbabilities(model: TieModel, d: number, eta: number): [number, number, number] {
  if (model === 'half') return [sigmoid(d), sigmoid(-d), 0]
  if (model === 'rao-kupper') {
    const win = sigmoid(d - eta)
    const loss = sigmoid(-d - eta)
    return [win, loss, Math.max(0, 1 - win - loss)]
  }
  const weights = [Math.exp(d / 2), Math.exp(-d / 2), Math.exp(eta)]
  const sum = weights[0]! + weights[1]! + weights[2]!
  return [weights[0]! / sum, weights[1]! / sum, weights[2]! / sum]
}

/**
 * Differential functioning: do two groups of raters answer one question differently when their other answers, or the items, are
 * alike? Mantel and Haenszel (1959): common odds ratio over strata of equals; its standard error after Robins, Breslow and
 * Greenland (1986); chi-square with 1 degree of freedom, without continuity correction. Size after Zwick (2012) at ETS:
 * delta = -2.35 ln(reference's odds / focal odds), below 0 where the focal group says yes less often; A negligible, B moderate,
 * C large.
 *
 * OR = sum(a d / n) / sum(b c / n) over strata, a = focal yes, b = focal no, c = reference yes, d = reference no: the inverse of
 * the ratio in delta, which is 2.35 ln(OR).
 *
 * Worked example: admissions at Berkeley 1973 by department (women focal): odds ratio 1.105 = 1 / 0.9047, chi-square 1.525, p 0.217,
 * although the plain table says 0.54; delta = 2.35 ln(1.105) = 0.235.
 */
import { chiSquareUpper, normalCdf, normalQuantile } from '../distributions.ts'

export interface MantelHaenszel {
  oddsRatio: number
  low: number
  high: number
  chiSquare: number
  p: number
  delta: number
  size: 'A' | 'B' | 'C'
  /** Answers in strata where both groups answered and both answers occur. */
  n: number
  strata: number
}

/**
 * @param focal 1 for an answer of the focal group, 0 of the reference group
 * @param yes 1 or 0
 * @param stratum number of the stratum of equals, from 0
 */
export function mantelHaenszel(
  focal: ArrayLike<number>,
  yes: ArrayLike<number>,
  stratum: Int32Array,
  confidence = 0.95,
): MantelHaenszel | { undefined: string } {
  const tables = new Map<number, [number, number, number, number]>()
  for (let i = 0; i < stratum.length; i++) {
    const table = tables.get(stratum[i]!) ?? [0, 0, 0, 0]
    table[(focal[i] === 1 ? 0 : 2) + (yes[i] === 1 ? 0 : 1)]! += 1
    tables.set(stratum[i]!, table)
  }
  let [over, under, excess, variance, pr, mixed, qs, n, strata] = [0, 0, 0, 0, 0, 0, 0, 0, 0]
  for (const [a, b, c, d] of tables.values()) {
    const size = a + b + c + d
    if (a + b === 0 || c + d === 0 || a + c === 0 || b + d === 0) continue
    strata++
    n += size
    const [r, s, p, q] = [(a * d) / size, (b * c) / size, (a + d) / size, (b + c) / size]
    over += r
    under += s
    pr += p * r
    mixed += p * s + q * r
    qs += q * s
    excess += a - ((a + b) * (a + c)) / size
    variance += ((a + b) * (c + d) * (a + c) * (b + d)) / (size * size * (size - 1))
  }
  if (strata === 0) return { undefined: 'in no stratum do both groups answer and both answers occur' }
  if (over === 0 || under === 0) return { undefined: 'one group gave one answer only; the odds ratio is not finite' }
  const chiSquare = excess ** 2 / variance
  const logOdds = Math.log(over / under)
  const se = Math.sqrt(pr / (2 * over * over) + mixed / (2 * over * under) + qs / (2 * under * under))
  const reach = normalQuantile(0.5 + confidence / 2) * se
  const p = chiSquareUpper(chiSquare, 1)
  const delta = 2.35 * logOdds
  const clearlyAboveOne = normalCdf((Math.abs(delta) - 1) / (2.35 * se)) > 0.95
  const size = p >= 0.05 || Math.abs(delta) < 1 ? 'A' : Math.abs(delta) >= 1.5 && clearlyAboveOne ? 'C' : 'B'
  return {
    oddsRatio: over / under,
    low: Math.exp(logOdds - reach),
    high: Math.exp(logOdds + reach),
    chiSquare,
    p,
    delta,
    size,
    n,
    strata,
  }
}

/**
 * Gold items: how many, and when a worker has shown enough.
 *
 * Wald's sequential probability ratio test (1945): right answers with probability `good` or `bad`. After each answer add
 * ln(good / bad) for a right one, ln((1 - good) / (1 - bad)) for a wrong one; pass at ln((1 - missed) / false), fail at
 * ln(missed / (1 - false)), where `falsePass` bounds the share of bad workers passed and `falseFail` that of good ones failed.
 * Expected answers by Wald's equation.
 *
 * `belowBar`: the probability that a worker's accuracy lies below a bar, from a beta prior and right of asked gold items.
 *
 * `goldShare`: gold items among n tasks so that a fixed test (fail below c right) has both errors; the smallest such number.
 *
 * Worked example: good .9, bad .7, both errors .05: pass at 2.944, fail at -2.944; a right answer adds .2513, a wrong one
 * -1.0986; a good worker needs about 22.8 answers on average, a bad one 17.2.
 */
import { betaCdf, binomialCdf } from '../distributions.ts'
import { refuse } from '../errors.ts'

export interface Bar {
  good: number
  bad: number
  /** Share of bad workers that pass. */
  falsePass: number
  /** Share of good workers that fail. */
  falseFail: number
}

export interface Sprt {
  right: number
  wrong: number
  pass: number
  fail: number
  /** Expected number of answers of a good and of a bad worker. */
  answersIfGood: number
  answersIfBad: number
}

export function sprt({ good, bad, falsePass, falseFail }: Bar): Sprt {
  if (!(bad > 0 && bad < good && good < 1))
    refuse('Good must lie above bad, both between 0 and 1.', { where: 'good, bad' })
  if (!(falsePass > 0 && falseFail > 0 && falsePass + falseFail < 1))
    refuse('The two error rates must be above 0 and sum to less than 1.', { where: 'falsePass, falseFail' })
  const right = Math.log(good / bad)
  const wrong = Math.log((1 - good) / (1 - bad))
  const pass = Math.log((1 - falseFail) / falsePass)
  const fail = Math.log(falseFail / (1 - falsePass))
  const drift = (p: number) => p * right + (1 - p) * wrong
  return {
    right,
    wrong,
    pass,
    fail,
    answersIfGood: ((1 - falseFail) * pass + falseFail * fail) / drift(good),
    answersIfBad: (falsePass * pass + (1 - falsePass) * fail) / drift(bad),
  }
}

/** Verdict on `right` right answers of `asked`: each answer counts the same, so that only the totals matter. */
export function verdict(
  { right: gain, wrong: cost, pass, fail }: Sprt,
  right: number,
  asked: number,
): 'pass' | 'fail' | 'ask on' {
  const total = right * gain + (asked - right) * cost
  if (total >= pass) return 'pass'
  return total <= fail ? 'fail' : 'ask on'
}

/** Probability that a worker's accuracy lies below `bar`; prior: pseudo-answers that were right and wrong. */
export function belowBar(right: number, asked: number, bar: number, prior: readonly [number, number] = [4, 1]): number {
  if (!(right >= 0 && right <= asked))
    refuse('Right answers must lie between 0 and the number asked.', { where: 'right' })
  return betaCdf(bar, right + prior[0], asked - right + prior[1])
}

export interface GoldPlan {
  /** Gold items a worker answers. */
  items: number
  /** Fails with fewer right answers than this. */
  needed: number
  /** Share of gold among the tasks. */
  share: number
  falsePass: number
  falseFail: number
}

/** Smallest fixed test within both error rates, spread over `tasks` a worker does. Throws when even all tasks were too few. */
export function goldShare({ good, bad, falsePass, falseFail }: Bar, tasks: number): GoldPlan {
  if (!(bad > 0 && bad < good && good < 1))
    refuse('Good must lie above bad, both between 0 and 1.', { where: 'good, bad' })
  for (let items = 1; items <= tasks; items++) {
    for (let needed = 1; needed <= items; needed++) {
      const failed = binomialCdf(needed - 1, items, good)
      if (failed > falseFail) break
      const passed = 1 - binomialCdf(needed - 1, items, bad)
      if (passed <= falsePass) return { items, needed, share: items / tasks, falsePass: passed, falseFail: failed }
    }
  }
  return refuse(`${tasks} tasks are too few to tell ${good} from ${bad} with these errors, even if all were gold.`, {
    hint: 'Allow larger errors, or set good and bad further apart.',
  })
}

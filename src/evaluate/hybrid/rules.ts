/**
 * Judges beside people. A judge gives a verdict on every pair, people judge some: prediction-powered inference makes of both one
 * share that is right however bad the judge is, as long as the pairs that people judged are a random part (`ppi.ts`).
 * One label a pair: the mean of what its people said, both bad as a tie, for a pair that was judged must not be taken for
 * one that was not. Pairs of identical texts are known without anybody and left out.
 */
import type { Known } from '../../platform/contract.ts'
import { judgeAccuracy } from '../../stats/evaluation/judge.ts'
import { ppiMean } from '../../stats/evaluation/ppi.ts'
import { winRate } from '../../stats/evaluation/win-rate.ts'
import { countsOf, type JudgedPair, known, rewardWinner, winnerOf } from '../head-to-head/rules.ts'
import type { Hybrid, Judge } from './contract.ts'

type Winner = 'candidate' | 'baseline' | 'tie'

const scoreOf: Record<Winner, number> = { candidate: 1, tie: 0.5, baseline: 0 }

/** A pair as one judge sees it. */
interface Labelled {
  verdict: Winner
  /** What people said of it, 0 to 1; undefined: they were not heard. */
  human: number | undefined
  winner: ReturnType<typeof winnerOf>
}

function humanScore(pair: JudgedPair): number | undefined {
  const { wins, losses, ties, bothBad } = countsOf(pair)
  const n = wins + losses + ties + bothBad
  return n ? (wins + (ties + bothBad) / 2) / n : undefined
}

function longerWinner({ candidateLength: a, baselineLength: b }: JudgedPair): Winner | undefined {
  if (a === null || b === null) return undefined
  return a === b ? 'tie' : a > b ? 'candidate' : 'baseline'
}

const fewest = 10
const tooFew = (n: number): Known => ({
  undefined: `${n} ${n === 1 ? 'pair' : 'pairs'} judged by people, at least ${fewest} are needed`,
})

/** A share lies between 0 and 1, also where people gave so many values that it was estimated as a number. */
const within = ({ estimate, low, high }: { estimate: number; low: number; high: number }, n: number): Known => ({
  value: Math.min(1, Math.max(0, estimate)),
  low: Math.max(0, low),
  high: Math.min(1, high),
  n,
})

/** Without others nothing but the labels of people counts. */
function estimateOf(human: Float64Array, judge: Float64Array, others = new Float64Array()) {
  return human.length < fewest ? undefined : ppiMean({ human, judge, others })
}

function peopleOf(pairs: readonly JudgedPair[]): Known {
  const human = Float64Array.from(pairs.flatMap((pair) => humanScore(pair) ?? []))
  const found = estimateOf(human, human)
  if (!found) return tooFew(human.length)
  return 'undefined' in found ? found : within(found, human.length)
}

/** @param labelled pairs that it gave a verdict on */
function judgeOf(labelled: readonly Labelled[]): Omit<Judge, 'judge' | 'name'> {
  const verdicts = labelled.map(({ verdict }) => verdict)
  const count = (winner: Winner) => verdicts.filter((verdict) => verdict === winner).length
  const heard = labelled.filter(({ human }) => human !== undefined)
  const decided = heard.filter(({ winner }) => winner === 'candidate' || winner === 'baseline')
  const accuracy = judgeAccuracy(
    decided.map(({ winner }) => Number(winner === 'candidate')),
    decided.map(({ verdict }) => scoreOf[verdict]),
  )
  return {
    alone: known(winRate({ wins: count('candidate'), losses: count('baseline'), ties: count('tie') })),
    ...togetherOf(labelled, heard),
    ...('undefined' in accuracy
      ? { accuracy, candidateFound: accuracy, baselineFound: accuracy }
      : {
          accuracy: known(accuracy.accuracy),
          candidateFound: known(accuracy.sensitivity),
          baselineFound: known(accuracy.specificity),
        }),
  }
}

function togetherOf(
  labelled: readonly Labelled[],
  heard: readonly Labelled[],
): Pick<Judge, 'together' | 'weight' | 'saved'> {
  const none = (together: Known) => ({ together, weight: null, saved: null })
  const verdictsOf = (of: readonly Labelled[]) => Float64Array.from(of, ({ verdict }) => scoreOf[verdict])
  const human = Float64Array.from(heard, (one) => one.human!)
  const others = verdictsOf(labelled.filter((one) => one.human === undefined))
  const [alone, both] = [estimateOf(human, verdictsOf(heard)), estimateOf(human, verdictsOf(heard), others)]
  if (!alone || !both) return none(tooFew(human.length))
  if ('undefined' in both) return none(both)
  if ('undefined' in alone) return none(alone)
  return {
    together: within(both, both.n),
    weight: both.lambda,
    // Variance falls with one over the number of labels.
    saved: both.se > 0 ? Math.max(0, Math.floor(both.n * (alone.se / both.se) ** 2) - both.n) : null,
  }
}

/** @param reward what scores are called, and why there are none; null: nobody was asked to score */
export function hybridOf(all: readonly JudgedPair[], reward: { name: string; noScores?: string } | null): Hybrid {
  const pairs = all.filter(({ candidate, baseline, identical }) => candidate && baseline && !identical)
  const by = (verdictOf: (pair: JudgedPair) => Winner | undefined) =>
    judgeOf(
      pairs.flatMap((pair) => {
        const verdict = verdictOf(pair)
        return verdict ? [{ verdict, human: humanScore(pair), winner: winnerOf(pair) }] : []
      }),
    )
  const silent = (why: string) => {
    const none = { undefined: why }
    return {
      alone: none,
      together: none,
      weight: null,
      saved: null,
      accuracy: none,
      candidateFound: none,
      baselineFound: none,
    }
  }
  return {
    pairs: pairs.length,
    judged: pairs.filter((pair) => humanScore(pair) !== undefined).length,
    people: peopleOf(pairs),
    judges: [
      ...(reward
        ? [
            {
              judge: 'reward' as const,
              name: reward.name,
              ...(reward.noScores === undefined ? by(rewardWinner) : silent(reward.noScores)),
            },
          ]
        : []),
      { judge: 'longer' as const, name: 'The longer answer', ...by(longerWinner) },
    ],
  }
}

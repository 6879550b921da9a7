/**
 * What a head to head comes to. Rules: a tie is half a win; identical texts are ties that nobody is asked about; two bad
 * answers prefer nothing and are no part of the win rate; what several people say of one prompt stays together; those whom the
 * plan leaves out have said nothing. People and reward are never mixed.
 */
import { kindOf } from '../../collect/kinds/index.ts'
import type { Known } from '../../platform/contract.ts'
import { lengthControlledWinRate } from '../../stats/evaluation/length-controlled.ts'
import { ratioOfSums } from '../../stats/evaluation/ratio.ts'
import { clusteredWinRate } from '../../stats/evaluation/win-rate.ts'
import type { HeadToHead, winners } from './contract.ts'

/** An annotation in force of a pair's task. */
export interface Judged {
  person: string
  simulated: boolean
  kind: string
  targets: string[]
  payload: unknown
}

export interface JudgedPair {
  prompt: string
  /** The two responses; null while one is missing. */
  candidate: string | null
  baseline: string | null
  /** In characters; null where a text is missing or erased. */
  candidateLength: number | null
  baselineLength: number | null
  identical: boolean
  trainedOn: boolean
  /** A lead took its task out of the queue: nobody is asked about it, now or later. */
  takenOut?: boolean | null
  candidateScore: number | null
  baselineScore: number | null
  logRatio: number | null
  tokens: number | null
  judged: Judged[]
  /** By people whom the plan leaves out. */
  leftOut: Judged[]
}

/** What decides between two policies; aspects are about something else than what people would rather have. */
const decisive = 'preference'

type Said = 1 | 0.5 | 0 | 'both-bad'

/** What one annotation says of the candidate against the baseline; undefined: nothing, as a judgement of another kind. */
export function said({ kind, targets, payload }: Judged, pair: JudgedPair): Said | undefined {
  const { pairs, votes } = kindOf(kind)
  const own = pairs({ payload, targets }).find(
    ({ attribute, chosen, rejected }) =>
      attribute === decisive && [chosen, rejected].sort().join() === [pair.candidate, pair.baseline].sort().join(),
  )
  if (own) return own.strength === 0 ? 0.5 : own.chosen === pair.candidate ? 1 : 0
  const bad = votes({ payload, targets }).some(({ attribute, label }) => attribute === decisive && label === 'both_bad')
  return bad ? 'both-bad' : undefined
}

interface PairCounts {
  wins: number
  losses: number
  ties: number
  bothBad: number
}

export function countsOf(pair: JudgedPair): PairCounts {
  const counts = { wins: 0, losses: 0, ties: 0, bothBad: 0 }
  for (const judged of pair.judged) {
    const what = said(judged, pair)
    if (what === 1) counts.wins++
    else if (what === 0) counts.losses++
    else if (what === 0.5) counts.ties++
    else if (what === 'both-bad') counts.bothBad++
  }
  return counts
}

/** Who won a pair by the people who judged it: the most votes, a tie where the two have equally many. */
export function winnerOf(pair: JudgedPair): (typeof winners)[number] {
  if (pair.identical) return 'tie'
  const { wins, losses, ties, bothBad } = countsOf(pair)
  if (wins + losses + ties + bothBad === 0) return 'not-judged'
  if (bothBad > wins + losses + ties) return 'both-bad'
  return wins > losses ? 'candidate' : losses > wins ? 'baseline' : 'tie'
}

/** Who scored higher; undefined: not scored. */
export function rewardWinner({
  candidateScore,
  baselineScore,
  identical,
}: JudgedPair): 'candidate' | 'baseline' | 'tie' | undefined {
  if (candidateScore === null || baselineScore === null) return undefined
  if (identical || candidateScore === baselineScore) return 'tie'
  return candidateScore > baselineScore ? 'candidate' : 'baseline'
}

/** One comparison: the candidate's score, the number of its prompt, and by how much its text is longer. */
interface Comparison {
  score: number
  cluster: number
  longer: number
  /** A tie by rule: nobody was asked. It says nothing of what people prefer at equal length. */
  byRule: boolean
}

const comparison = (score: number, cluster: number, { candidateLength, baselineLength, identical }: JudgedPair) => ({
  score,
  cluster,
  longer: (candidateLength ?? 0) - (baselineLength ?? 0),
  byRule: identical,
})

function ratesOf(comparisons: readonly Comparison[]) {
  const clusters = (of: readonly Comparison[]) => Int32Array.from(of, ({ cluster }) => cluster)
  const scores = (of: readonly Comparison[]) => of.map(({ score }) => score)
  const asked = comparisons.filter(({ byRule }) => !byRule)
  const longer = Float64Array.from(asked, (one) => one.longer)
  const count = (score: number) => comparisons.filter((own) => own.score === score).length
  return {
    winRate: known(clusteredWinRate(scores(comparisons), clusters(comparisons))),
    lengthControlled: known(lengthControlledWinRate(scores(asked), longer, clusters(asked))),
    wins: count(1),
    losses: count(0),
    ties: count(0.5),
  }
}

export const known = (
  found: { estimate: number; low: number; high: number; n: number } | { undefined: string },
): Known => ('undefined' in found ? found : { value: found.estimate, low: found.low, high: found.high, n: found.n })

/**
 * Identical texts are ties, as often as the other prompts were judged on average, so that every prompt weighs alike, also
 * before all judgements are in. Where all are identical, `overlap` ties each.
 * @param missing what becomes of judgements that were planned and never given; one that is left out was given
 */
export function humanResult(
  pairs: readonly JudgedPair[],
  overlap: number,
  missing: 'left-out' | 'lost' = 'left-out',
): HeadToHead['human'] & { lost: number } {
  const comparisons: Comparison[] = []
  const leftOut: Judged[] = []
  let [bothBad, judgements, lost] = [0, 0, 0]
  const people = new Set<string>()
  let simulated = false
  const isAsked = ({ candidate, baseline, identical }: JudgedPair) => candidate && baseline && !identical
  for (const [at, pair] of pairs.entries()) {
    let given = 0
    for (const judged of pair.judged) {
      const what = said(judged, pair)
      if (what === undefined) continue
      given++
      people.add(judged.person)
      simulated ||= judged.simulated
      if (what === 'both-bad') bothBad++
      else comparisons.push(comparison(what, at, pair))
    }
    judgements += given
    const unheard = pair.leftOut.filter((judged) => said(judged, pair) !== undefined)
    leftOut.push(...unheard)
    if (missing === 'left-out' || !isAsked(pair)) continue
    for (given += unheard.length; given < overlap; given++, lost++) comparisons.push(comparison(0, at, pair))
  }
  const same = [...pairs.entries()].filter(([, { identical }]) => identical)
  const asked = pairs.filter(isAsked).length
  const tiesByRule = Math.round(same.length * (asked ? (judgements + lost) / asked : overlap))
  for (let n = 0; n < tiesByRule; n++) comparisons.push(comparison(0.5, ...same[n % same.length]!))
  return {
    ...ratesOf(comparisons),
    tiesByRule,
    bothBad,
    judgements,
    people: people.size,
    simulated,
    lost,
    leftOut: { judgements: leftOut.length, people: new Set(leftOut.map(({ person }) => person)).size },
  }
}

export function rewardResult(pairs: readonly JudgedPair[]) {
  return ratesOf(
    pairs.flatMap((pair, at) => {
      const winner = rewardWinner(pair)
      return winner ? [comparison({ candidate: 1, tie: 0.5, baseline: 0 }[winner], at, pair)] : []
    }),
  )
}

export function lengthResult(pairs: readonly JudgedPair[]): HeadToHead['length'] {
  const both = pairs.flatMap(({ candidateLength: a, baselineLength: b }) => (a === null || b === null ? [] : [[a, b]]))
  const [a, b] = [both.map(([own]) => own!), both.map(([, own]) => own!)]
  const mean = (values: number[]) =>
    values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : null
  return {
    candidate: mean(a),
    baseline: mean(b),
    difference: known(
      ratioOfSums(
        both.map(([own, other]) => own! - other!),
        both.map(() => 1),
      ),
    ),
    ratio: known(ratioOfSums(a, b)),
  }
}

/** Log ratios over tokens, prompts kept together: nats a token. */
export function klResult(pairs: readonly JudgedPair[]): Known | undefined {
  const measured = pairs.filter(({ tokens, logRatio }) => tokens && logRatio !== null)
  if (!measured.length) return undefined
  const tokens = measured.map((pair) => pair.tokens!)
  const found = known(
    ratioOfSums(
      measured.map(({ logRatio }) => logRatio!),
      tokens,
    ),
  )
  return 'undefined' in found ? found : { ...found, n: tokens.reduce((sum, n) => sum + n, 0) }
}

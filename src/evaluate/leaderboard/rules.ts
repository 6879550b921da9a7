/**
 * From judgements to a board: Bradley-Terry over every comparison of two origins, a tie as half a vote for each. A policy that
 * never lost, or never won, has no finite strength and says so; groups that nothing links are never put into one order.
 */
import { kindOf } from '../../collect/kinds/index.ts'
import type { Estimate } from '../../platform/contract.ts'
import { clusteredWinRate } from '../../stats/evaluation/win-rate.ts'
import { bradleyTerry } from '../../stats/preference/bradley-terry.ts'
import { weakComponents } from '../../stats/preference/components.ts'
import { contextualBradleyTerry } from '../../stats/preference/contextual.ts'
import { type NamedVotes, namedVotes, type Outcome, pairCounts, winner } from '../../stats/preference/votes.ts'
import type { Board, Met, Ranked, Style } from './contract.ts'

/** An annotation in force, as far as the board needs it. */
export interface Judged {
  person: string
  prompt: string
  kind: string
  targets: string[]
  payload: unknown
}

/** Where a message comes from: a policy's id, `import` or `person`; and its characters, 0 where it was erased. */
export interface Source {
  origin: string
  length: number
}

interface Vote {
  left: string
  right: string
  outcome: Outcome
  person: string
  prompt: string
  longer: number
}

/** People, or prompts, enough for them, and not their votes, to be what is drawn at random. */
const many = 10

/** @param votes as one of the two sees them: 1 won, 0.5 tied, 0 lost */
function shareOf(votes: readonly { score: number; prompt: number }[]): Estimate {
  const found = clusteredWinRate(
    votes.map(({ score }) => score),
    Int32Array.from(votes, ({ prompt }) => prompt),
  )
  if ('undefined' in found) {
    // One prompt says nothing of others.
    const value = votes.reduce((sum, { score }) => sum + score, 0) / votes.length
    return { value, low: 0, high: 1, n: votes.length }
  }
  const { estimate: value, low, high, n } = found
  return { value, low, high, n }
}

/** @param longer log2 of the ratio of lengths, left to right; 0 where one of them is not known */
function votesOf(judged: Judged[], sources: Map<string, Source>, attribute: string) {
  const votes: Vote[] = []
  const leftOut = { sameOrigin: 0, noPreference: 0 }
  const attributes = new Set<string>()
  for (const { person, prompt, kind, targets, payload } of judged) {
    const pairs = kindOf(kind).pairs({ payload, targets })
    for (const pair of pairs) attributes.add(pair.attribute)
    const own = pairs.filter((pair) => pair.attribute === attribute)
    if (!own.length) leftOut.noPreference++
    for (const { chosen, rejected, strength } of own) {
      const [a, b] = [sources.get(chosen), sources.get(rejected)]
      if (!a || !b || a.origin === b.origin) {
        leftOut.sameOrigin++
        continue
      }
      votes.push({
        left: a.origin,
        right: b.origin,
        outcome: strength === 0 ? winner.tie : winner.left,
        person,
        prompt,
        longer: a.length && b.length ? Math.log2(a.length / b.length) : 0,
      })
    }
  }
  return { votes, leftOut, attributes: [...attributes].sort() }
}

interface Fit {
  score: Float64Array
  se: Float64Array
  component: Int32Array
  reason: (string | undefined)[]
  converged: boolean
  /** items x items, of the scores; absent where the fit has none. */
  covariance?: Float64Array
}

/** What is known of one origin; groups are numbered from 0 in each fit. */
interface Fitted {
  group: number
  strength: { value: number; low: number; high: number } | { undefined: string }
  place: Ranked['place']
}

function fittedOf(fit: Fit, names: readonly string[]): Map<string, Fitted> {
  return new Map(
    names.map((name, i): [string, Fitted] => {
      const [value, reach] = [fit.score[i]!, 1.96 * fit.se[i]!]
      const reason = fit.reason[i] ?? (fit.converged ? undefined : 'the estimate did not settle')
      const strength = reason ? { undefined: reason } : { value, low: value - reach, high: value + reach }
      return [name, { group: fit.component[i]!, strength, place: placeOf(i, fit) }]
    }),
  )
}

/** A place is open to a policy as long as the interval of its difference to another leaves it open. */
function placeOf(i: number, fit: Fit): Ranked['place'] {
  const { score, component, reason, covariance } = fit
  if (!covariance || reason[i] !== undefined) return null
  const items = score.length
  let [above, below] = [0, 0]
  let size = 0
  for (let j = 0; j < items; j++) {
    if (component[j] !== component[i] || reason[j] !== undefined) continue
    size++
    if (j === i) continue
    const at = (a: number, b: number) => covariance[a * items + b]!
    const difference = score[i]! - score[j]!
    const reach = 1.96 * Math.sqrt(Math.max(0, at(i, i) + at(j, j) - 2 * at(i, j)))
    if (difference - reach > 0) below++
    if (difference + reach < 0) above++
  }
  return { best: above + 1, worst: size - below }
}

/** The shares of one origin, and of it against each other. */
function sharesOf(votes: Vote[]) {
  const prompts = new Map<string, number>()
  const seen = new Map<string, { score: number; prompt: number }[]>()
  const see = (key: string, one: { score: number; prompt: number }) => {
    const own = seen.get(key)
    if (own) own.push(one)
    else seen.set(key, [one])
  }
  for (const { left, right, outcome, prompt: key } of votes) {
    const prompt = prompts.get(key) ?? prompts.size
    prompts.set(key, prompt)
    const ofLeft = outcome === winner.tie ? 0.5 : outcome === winner.left ? 1 : 0
    for (const [own, other, score] of [
      [left, right, ofLeft],
      [right, left, 1 - ofLeft],
    ] as const)
      for (const met of [own, `${own} ${other}`]) see(met, { score, prompt })
  }
  return (first: string, second?: string) => shareOf(seen.get(second === undefined ? first : `${first} ${second}`)!)
}

function matrixOf({ itemNames, ...votes }: NamedVotes, won: ReturnType<typeof sharesOf>): Met[] {
  const { first, second, wins, losses, ties } = pairCounts(votes)
  return Array.from(first, (a, p) => {
    const [own, other] = [itemNames[a]!, itemNames[second[p]!]!]
    return { first: own, second: other, won: won(own, other), wins: wins[p]!, losses: losses[p]!, ties: ties[p]! }
  })
}

/** @param by what a vote belongs to */
const namedOf = (votes: Vote[], by: 'person' | 'prompt' = 'person'): NamedVotes =>
  namedVotes(
    votes.map(({ left }) => left),
    votes.map(({ right }) => right),
    votes.map(({ outcome }) => outcome),
    votes.map((vote) => vote[by]),
  )

/** Each connected part by itself: strengths of two parts have nothing in common. */
function fitParts(
  named: NamedVotes,
  votes: Vote[],
): { fitted: Map<string, Fitted>; independent: Board['independent'] } {
  const part = weakComponents(named.items, named.left, named.right)
  const parts = new Map<number, Vote[]>()
  for (const [n, vote] of votes.entries()) {
    const own = parts.get(part[named.left[n]!]!)
    if (own) own.push(vote)
    else parts.set(part[named.left[n]!]!, [vote])
  }
  const groupsBy = (by: 'person' | 'prompt') => [...parts.values()].map((own) => namedOf(own, by))
  const areMany = (all: NamedVotes[]) => all.every(({ workerNames }) => workerNames.length >= many)
  const [byPeople, byPrompts] = [groupsBy('person'), groupsBy('prompt')]
  const independent = areMany(byPeople) ? 'people' : areMany(byPrompts) ? 'prompts' : 'votes'
  const fitted = new Map<string, Fitted>()
  let groups = 0
  for (const own of independent === 'people' ? byPeople : byPrompts) {
    const clusterByWorker = independent !== 'votes'
    const found = fittedOf(bradleyTerry(own, { ties: 'half', clusterByWorker }), own.itemNames)
    for (const [name, one] of found) fitted.set(name, { ...one, group: groups + one.group })
    groups += own.items
  }
  return { fitted, independent }
}

function fitAtEqualLength(
  named: NamedVotes,
  votes: Vote[],
): { fitted: Map<string, Fitted>; effect: Board['lengthEffect'] } | { undefined: string } {
  if (votes.every(({ longer }) => longer === 0)) return { undefined: 'the responses never differ in length' }
  try {
    const values = votes.map(({ longer }) => longer)
    const { effects, ...fit } = contextualBradleyTerry(named, [{ name: 'length', values }])
    const { estimate: value, low, high } = effects[0]!
    return { fitted: fittedOf(fit, named.itemNames), effect: { value, low, high, n: votes.length } }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
    return { undefined: 'length cannot be told apart from the policies: each pair always differs in the same way' }
  }
}

/** The board without names of policies: they are not known here, and the kind of an origin follows from its key. */
export function boardOf(judged: Judged[], sources: Map<string, Source>, attribute: string, style: Style) {
  const { votes, leftOut, attributes } = votesOf(judged, sources, attribute)
  const named = namedOf(votes)
  const parts = fitParts(named, votes)
  const controlled = style === 'length' ? fitAtEqualLength(named, votes) : undefined
  const fitted = controlled && 'fitted' in controlled ? controlled.fitted : parts.fitted
  const won = sharesOf(votes)
  const matrix = matrixOf(named, won)
  const policies = named.itemNames.map(
    (key): Omit<Ranked, 'name' | 'origin' | 'checkpoint' | 'inForce' | 'override'> => {
      const own = matrix.filter(({ first, second }) => first === key || second === key)
      const sum = (forward: 'wins' | 'losses' | 'ties', backward: 'wins' | 'losses' | 'ties') =>
        own.reduce((total, met) => total + met[met.first === key ? forward : backward], 0)
      const [wins, losses, ties] = [sum('wins', 'losses'), sum('losses', 'wins'), sum('ties', 'ties')]
      const { group, strength, place } = fitted.get(key)!
      return {
        key,
        group,
        strength: 'undefined' in strength ? strength : { ...strength, n: wins + losses + ties },
        place,
        won: won(key),
        wins,
        losses,
        ties,
      }
    },
  )
  const orderOf = ({ strength, won }: (typeof policies)[number]) =>
    'undefined' in strength ? (won.value - 0.5) * 1e6 : strength.value
  // The group that was compared most stands first.
  const weight = new Map<number, number>()
  for (const { group, won } of policies) weight.set(group, (weight.get(group) ?? 0) + won.n)
  const byGroup = (a: number, b: number) => weight.get(b)! - weight.get(a)! || a - b
  return {
    policies: policies.sort((a, b) => byGroup(a.group, b.group) || orderOf(b) - orderOf(a)),
    matrix,
    lengthEffect: controlled ? ('fitted' in controlled ? controlled.effect : controlled) : null,
    judgements: votes.length,
    people: named.workerNames.length,
    independent: controlled && 'fitted' in controlled ? ('votes' as const) : parts.independent,
    leftOut,
    attributes,
  }
}

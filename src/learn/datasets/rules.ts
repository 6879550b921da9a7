/** Which rows a dataset has: decided pair by pair, from the votes that its filters leave. */
import type { PairTally } from '../../assure/consensus/pairs.ts'
import { fail } from '../../platform/errors.ts'
import { type DatasetKind, type Filters, type FiltersInput, filters } from './contract.ts'

/** Filters with everything said; what is wrong is named by its field. */
export function filtersOf(kind: DatasetKind, given: unknown): Filters {
  const parsed = filters.safeParse(given ?? {})
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return fail('bad_input', `The filters of the dataset are not right: ${issue!.message}.`, {
      where: ['filters', ...issue!.path].join('.'),
    })
  }
  const { from, to, sources = kind === 'preference' ? ['person'] : ['person', 'import'] } = parsed.data
  if (from && to && Date.parse(from) >= Date.parse(to))
    return fail('bad_input', 'The time that the filters allow ends before it begins.', { where: 'filters.to' })
  return { ...parsed.data, sources: [...new Set(sources)].sort() }
}

interface Preference {
  chosen: string
  rejected: string
  /** Mean strength toward what was chosen, 0 to 3. */
  margin: number
  /** Share of the votes that prefer what was chosen; a tie counts half. */
  soft: number
  annotations: string[]
}

/** Why a pair or a response is not in a dataset. */
export const reasonWords = {
  tie: 'pairs on which no side leads',
  fewVotes: 'pairs with too few votes',
  lowAgreement: 'pairs with too little agreement',
  noText: 'rows whose texts are erased or equal',
  worse: 'responses that an imported judgement sets below another',
} as const
export type Reason = keyof typeof reasonWords

const rounded = (share: number) => Math.round(share * 1e4) / 1e4

type Rule = Pick<Filters, 'rule' | 'minVotes' | 'minAgreement' | 'ties'>

/** The rows of one pair of responses, or why it has none. `weighed`: the probability that the first is the better. */
export function preferencesOf(
  pair: PairTally,
  { rule, minVotes, minAgreement, ties }: Rule,
  weighed = 0.5,
): Preference[] | 'tie' | 'fewVotes' | 'lowAgreement' {
  const [first, second, tied] = pair.votes
  const total = first + second + tied
  if (total < minVotes) return 'fewVotes'
  const agreement = rule === 'weighed' ? Math.max(weighed, 1 - weighed) : Math.max(first, second, tied) / total
  if (agreement < minAgreement) return 'lowAgreement'
  const row = (lead: number, strength: number, soft: number, annotations: string[]): Preference => {
    const [chosen, rejected] = lead < 0 ? [pair.responses[1], pair.responses[0]] : pair.responses
    return { chosen, rejected, margin: Math.max(0, lead < 0 ? -strength : strength), soft, annotations }
  }
  if (rule === 'each') {
    const said = pair.said.filter(({ strength }) => strength !== 0 || ties === 'half')
    if (said.length === 0) return 'tie'
    return said.map(({ annotation, strength }) => row(strength, strength, strength === 0 ? 0.5 : 1, [annotation]))
  }
  const share = rule === 'weighed' ? weighed : (first + tied / 2) / total
  if (share === 0.5 && ties === 'leave-out') return 'tie'
  const annotations = pair.said.map(({ annotation }) => annotation).sort()
  const strength = share === 0.5 ? 0 : pair.strength / total
  // Computed from the side that leads: bit for bit the same whichever response has the smaller id.
  const soft =
    rule === 'weighed' ? Math.max(weighed, rounded(1 - weighed)) : (Math.max(first, second) + tied / 2) / total
  return [row(share - 0.5, strength, soft, annotations)]
}

/** Whether a format is of pairs, whose strength may be a column that trainers take into their loss. */
export const hasMargins = (format: string): boolean => /^trl-preference|^hh$/.test(format)

export type { FiltersInput }

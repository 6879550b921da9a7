/** Filters as people read them, on screens, in cards and on the command line. */
import type { DatasetKind, Filters } from './contract.ts'

export const n = (value: number) => value.toLocaleString('en-US')
export const percent = (share: number) => `${Number((share * 100).toFixed(1))}%`
export const plural = (count: number, one: string, many = `${one}s`) => `${n(count)} ${count === 1 ? one : many}`

interface Filtered {
  kind: DatasetKind
  filters: Filters
}

const rules = {
  majority: 'one row a pair of responses: the side that leads',
  each: 'one row a judgement',
  soft: 'one row a pair of responses: the label is the share of votes',
  weighed: 'one row a pair of responses: the label is a probability, each vote weighed by its author’s record',
}

/** Whose judgements, when, on which prompts: what a filter may leave open. */
function narrowed({ people, guidelineVersions, tags, from, to }: Filters): string[] {
  return [
    ...(people.include ? [`Only ${plural(people.include.length, 'person', 'people')}`] : []),
    ...(people.exclude ? [`Without ${plural(people.exclude.length, 'person', 'people')}`] : []),
    ...(people.simulated === undefined
      ? []
      : [people.simulated ? 'Simulated annotators alone' : 'No simulated annotators']),
    ...(people.roles ? [`Roles: ${people.roles.join(', ')}`] : []),
    ...(guidelineVersions ? [`Guideline versions: ${guidelineVersions.join(', ')}`] : []),
    ...(tags ? [`Prompts tagged ${tags.join(' or ')}`] : []),
    ...(from ? [`From ${from}`] : []),
    ...(to ? [`Before ${to}`] : []),
  ]
}

const sourcesOf = ({ sources }: Filters) =>
  sources.map((source) => (source === 'person' ? 'people' : 'imported')).join(' and ')

export function filterLines({ kind, filters }: Filtered): string[] {
  const { rule, attribute, minVotes, minAgreement, ties, split } = filters
  const ofPairs = [
    `Rule: ${rules[rule]}`,
    ...(attribute === 'preference' ? [] : [`Attribute: ${attribute}`]),
    `At least ${plural(minVotes, 'vote')} a pair, agreement ${percent(minAgreement)} or more`,
    ties === 'half' ? 'Ties are kept with the label 0.5' : 'Ties are left out',
  ]
  return [
    ...(kind === 'preference' ? ofPairs : []),
    `Sources: ${sourcesOf(filters)}`,
    ...narrowed(filters),
    'Tasks of evaluation, gold, calibration and review never enter',
    `Split by prompt: seed ${split.seed}, ${percent(split.test)} held out${split.anew ? ', earlier held-out prompts forgotten' : ''}`,
  ]
}

/** What sets one dataset apart from another in a list. */
export function inBrief({ kind, filters }: Filtered): string[] {
  const { rule, attribute, minVotes, minAgreement, ties, sources, split } = filters
  const ofPairs = [
    rule,
    ...(attribute === 'preference' ? [] : [attribute]),
    ...(minVotes > 1 ? [`${n(minVotes)} votes or more`] : []),
    ...(minAgreement > 0 ? [`agreement ${percent(minAgreement)} or more`] : []),
    ...(ties === 'half' ? ['ties as 0.5'] : []),
  ]
  return [
    ...(kind === 'preference' ? ofPairs : []),
    ...(kind === 'preference' && sources.join() === 'person' ? [] : [sourcesOf(filters)]),
    ...narrowed(filters).map((words) => words[0]!.toLowerCase() + words.slice(1)),
    `${percent(split.test)} held out`,
  ]
}

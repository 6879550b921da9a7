/**
 * Truth inference over the votes of a project: how reliable people are on one attribute, and what their votes on one thing come
 * to. IBCC (`stats/truth/ibcc`) over everything that two people or more judged: on what one person alone judged, that person's
 * answers would pass for the truth. What one vote says then follows from its author's record.
 */
import { ibcc, unknownWorker } from '../../stats/truth/ibcc.ts'
import { compareNames, labelTable, type NamedLabels, numberNames } from '../../stats/truth/labels.ts'
import { best, type Truth as Fitted } from '../../stats/truth/result.ts'

export interface Vote {
  person: string
  label: string
}

/** Labels that change into each other when targets stand in the other order; see `Kind.swapped`. */
export type Swapped = Record<string, string>

/** With more labels than these a table of who confuses what for what would be mostly empty: votes are counted instead. */
const mostLabels = 20

/** How people answer: factors of each label's probability, see `IbccFactors`. */
export interface Model {
  labels: string[]
  prior: number[]
  /** By person: true label x label given. */
  people: Map<string, number[]>
}

interface VoteFit {
  model: Model
  /** What the model was learned from; undefined where no two people judged the same. */
  shared?: { table: NamedLabels; fitted: Fitted }
}

/** Fits votes by item; undefined where there are none, or too many labels. */
export function fitVotes(items: Map<string, Vote[]>, swapped: Swapped = {}): VoteFit | undefined {
  const all = [...items].flatMap(([item, votes]) => votes.map((vote) => ({ ...vote, item, alone: votes.length < 2 })))
  const given = [...new Set(all.map(({ label }) => label))]
  const labels = [...new Set(given.flatMap((label) => [label, swapped[label] ?? label]))].sort(compareNames)
  if (!all.length || labels.length > mostLabels) return undefined
  const place = new Map(labels.map((label, k) => [label, k]))
  const mirror = Int32Array.from(labels, (label) => place.get(swapped[label] ?? label)!)
  const shared = all.filter(({ alone }) => !alone)
  if (!shared.length) {
    const counts = labels.map((label) => 1 + count(all, label))
    const total = counts.reduce((a, b) => a + b)
    const prior = counts.map((own, k) => (own + counts[mirror[k]!]!) / (2 * total))
    return { model: { labels, prior, people: new Map() } }
  }
  const byItem = numberNames(shared.map(({ item }) => item))
  const byPerson = numberNames(shared.map(({ person }) => person))
  const table: NamedLabels = {
    ...labelTable(
      byItem.index,
      byPerson.index,
      shared.map(({ label }) => place.get(label)!),
      { items: byItem.names.length, workers: byPerson.names.length, classes: labels.length },
    ),
    itemNames: byItem.names,
    workerNames: byPerson.names,
    classNames: labels,
  }
  const fitted = ibcc(table, { mirror })
  const { prior, answer } = fitted.factors
  const square = labels.length ** 2
  const people = new Map(
    byPerson.names.map((person, w) => [person, Array.from(answer.subarray(w * square, (w + 1) * square))]),
  )
  return { model: { labels, prior: Array.from(prior), people }, shared: { table, fitted } }
}

interface SoftLabel {
  /** Label -> probability, to four decimals; labels below that are left out. */
  soft: Record<string, number>
  /** The most probable label; null where several are. */
  label: string | null
}

const rounded = (share: number) => Math.round(share * 1e4) / 1e4

/** What votes on one thing come to; shares of the votes where no model knows their labels yet. Any order gives the same. */
export function softLabelOf(votes: Vote[], model: Model | undefined): SoftLabel {
  const known = model !== undefined && votes.every(({ label }) => model.labels.includes(label))
  const labels = known ? model.labels : [...new Set(votes.map(({ label }) => label))].sort(compareNames)
  const shares = known ? posterior(votes, model) : labels.map((label) => count(votes, label) / votes.length)
  const top = best(Float64Array.from(shares), labels.length, 0)
  return {
    soft: Object.fromEntries(
      labels.flatMap((label, k) => (rounded(shares[k]!) > 0 ? [[label, rounded(shares[k]!)]] : [])),
    ),
    label: top.length === 1 ? labels[top[0]!]! : null,
  }
}

const count = (votes: Vote[], label: string) => votes.filter((vote) => vote.label === label).length

function posterior(votes: Vote[], { labels, prior, people }: Model): number[] {
  const classes = labels.length
  const stranger = unknownWorker(classes)
  const logs = prior.map((share) => Math.log(share))
  // In one order, so that no sum depends on that of the votes.
  const ordered = [...votes].sort((a, b) => compareNames(a.person, b.person) || compareNames(a.label, b.label))
  for (const { person, label } of ordered) {
    const answer = people.get(person) ?? stranger
    const l = labels.indexOf(label)
    for (let k = 0; k < classes; k++) logs[k]! += Math.log(answer[k * classes + l]!)
  }
  const top = Math.max(...logs)
  const weights = logs.map((log) => Math.exp(log - top))
  const total = weights.reduce((a, b) => a + b, 0)
  return weights.map((weight) => weight / total)
}

/** What is learned of an annotation, and the record that is kept of each pair: predicted first, then learned. */
import { kindOf } from '../../collect/kinds/index.ts'
import { difference, featuresOf } from './features.ts'
import { learn, newModel, type RewardModel } from './model.ts'

/** The attribute that the reward learns. Aspects are about something else than what people would rather have. */
const learned = 'preference'

/** Evaluation, gold, calibration and review measure; what measures never trains. */
export const trainingPurposes = ['label', 're-annotation']

/** An annotation, as far as the reward needs it. `order`: indices of its targets, left to right on the screen. */
export interface Answer {
  kind: string
  targets: string[]
  payload: unknown
  order: number[] | null
}

export interface JudgedPair {
  first: string
  second: string
  /** 1 the first was preferred, 0 the second, 1/2 a tie. */
  outcome: number
  firstOnLeft: boolean | null
}

/** Pairs of an annotation in the stored order of its targets, whichever won. */
export function judgedPairs({ kind, targets, payload, order }: Answer): JudgedPair[] {
  const place = new Map(order?.map((target, position) => [targets[target], position]))
  return kindOf(kind)
    .pairs({ payload, targets })
    .filter(({ attribute }) => attribute === learned)
    .map(({ chosen, rejected, strength }) => {
      const chosenFirst = targets.indexOf(chosen) < targets.indexOf(rejected)
      const [first, second] = chosenFirst ? [chosen, rejected] : [rejected, chosen]
      const [a, b] = [place.get(first), place.get(second)]
      return {
        first,
        second,
        outcome: strength === 0 ? 0.5 : Number(chosenFirst),
        firstOnLeft: a === undefined || b === undefined ? null : a < b,
      }
    })
}

/** A model, and how far it has come. */
export interface Learner {
  model: RewardModel
  /** Place of the last pair learned. */
  seq: number
  /** Place of the last snapshot. */
  kept: number
  /** Decided pairs that were won by the response on the left of the screen, and on the right. */
  lefts: number
  rights: number
}

export const newLearner = (): Learner => ({ model: newModel(), seq: 0, kept: 0, lefts: 0, rights: 0 })

export interface Lesson extends Pick<JudgedPair, 'outcome' | 'firstOnLeft'> {
  seq: number
  firstText: string
  secondText: string
}

/** What was expected of a pair before it was learned: each the probability that the first is preferred. */
export interface Expected {
  seq: number
  predicted: number
  deviation: number
  byLength: number
  bySide: number
}

/** 1, 0 or 1/2: whether a rule names the first, the second, or neither. */
const favour = (lead: number) => (Math.sign(lead) + 1) / 2

/** Predicts a pair by the model and by both baselines, then learns it, in place. */
export function teach(learner: Learner, { seq, firstText, secondText, outcome, firstOnLeft }: Lesson): Expected {
  const pair = difference(featuresOf(firstText), featuresOf(secondText))
  const bySide = firstOnLeft === null ? 0.5 : favour((learner.lefts - learner.rights) * (firstOnLeft ? 1 : -1))
  const { probability, variance } = learn(learner.model, pair, outcome)
  if (firstOnLeft !== null && outcome !== 0.5)
    if (firstOnLeft === outcome > 0.5) learner.lefts++
    else learner.rights++
  learner.seq = seq
  return {
    seq,
    predicted: probability,
    deviation: Math.sqrt(variance),
    byLength: favour(firstText.length - secondText.length),
    bySide,
  }
}

/** Pairs between two snapshots at least. */
const spacing = 1000

/**
 * Whether to keep the model here, `end` being the place of the last pair there is. Near the end often, because answers are
 * withdrawn soon; on the long way of a rebuild each time half of what is left is done.
 */
export const isSnapshotDue = (seq: number, last: number, end: number): boolean =>
  seq - last >= Math.max(spacing, end - seq)

/** Of snapshots, those to throw away: of each distance from the head that doubles, the oldest stays, and the newest of all. */
export function superfluous(snapshots: readonly number[], head: number): number[] {
  const oldest = new Map<number, number>()
  const distance = (seq: number) => Math.floor(Math.log2((head - seq) / spacing + 1))
  for (const seq of snapshots) oldest.set(distance(seq), Math.min(seq, oldest.get(distance(seq)) ?? seq))
  const kept = new Set([...oldest.values(), Math.max(...snapshots)])
  return snapshots.filter((seq) => !kept.has(seq))
}

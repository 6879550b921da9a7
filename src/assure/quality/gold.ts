/**
 * Answers to gold tasks: those whose right answer is known. A pair that came with a judgement when it was imported has a key; a task
 * of purpose gold or calibration on such a pair is one to measure people by. They never see the key, nor which tasks have one.
 */
import { kindOf } from '../../collect/kinds/index.ts'
import { wilson } from '../../stats/share.ts'
import { spanOf } from './over-time.ts'
import type { Interval } from './shapes.ts'

interface Judgement {
  kind: string
  targets: string[]
  payload: unknown
}

export interface GoldAnswer extends Judgement {
  person: string
  task: string
  at: Date
  key: Judgement
}

/** The preference as seen by who has `order` before them: the key may have been stored the other way round. */
function preferenceOf({ kind, targets, payload }: Judgement, order: string[]): string | undefined {
  const { votes, swapped } = kindOf(kind)
  const label = votes({ payload, targets }).find(({ attribute }) => attribute === 'preference')?.label
  const turned = targets.length === 2 && targets[0] !== order[0]
  return label === undefined || !turned ? label : (swapped?.[label] ?? label)
}

const shareOf = (right: number, n: number) => {
  const [low, high] = wilson(right / n, n)
  return { value: right / n, low, high, n }
}

/** Shares of right answers: of everybody, of each person, and over time. */
export function goldOf(answers: GoldAnswer[]) {
  const judged = answers.flatMap((answer) => {
    const key = preferenceOf(answer.key, answer.targets)
    const own = preferenceOf(answer, answer.targets)
    return key === undefined || own === undefined ? [] : [{ ...answer, right: Number(own === key) }]
  })
  const span = spanOf(judged.map(({ at }) => at.getTime()))
  const shares = (keyOf: (answer: (typeof judged)[number]) => string) => {
    const sums = new Map<string, { right: number; n: number }>()
    for (const answer of judged) {
      const { right, n } = sums.get(keyOf(answer)) ?? { right: 0, n: 0 }
      sums.set(keyOf(answer), { right: right + answer.right, n: n + 1 })
    }
    return [...sums].map(([key, { right, n }]) => ({ key, ...shareOf(right, n) }))
  }
  const right = judged.reduce((sum, answer) => sum + answer.right, 0)
  return {
    tasks: new Set(judged.map(({ task }) => task)).size,
    all: (judged.length ? shareOf(right, judged.length) : { undefined: 'no answer to a gold task' }) as Interval,
    right: new Map<string, Interval>(shares(({ person }) => person).map(({ key, ...own }) => [key, own])),
    every: span.every,
    points: shares(({ at }) => span.labelOf(at.getTime()))
      .map(({ key: label, ...own }) => ({ label, ...own }))
      .sort((a, b) => (a.label < b.label ? -1 : 1)),
  }
}

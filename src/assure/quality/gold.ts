/** How often people give the expected answer to gold tasks: all together, each of them, and over time. */
import type { Known } from '../../platform/contract.ts'
import { estimateShare } from '../../stats/share.ts'
import type { Marked } from '../gold/read.ts'
import { spanOf } from './over-time.ts'

/** Shares of right answers: of everybody, of each person, and over time. */
export function goldOf(answers: readonly Marked[]) {
  const span = spanOf(answers.map(({ at }) => at.getTime()))
  const shares = (keyOf: (answer: Marked) => string) => {
    const sums = new Map<string, { right: number; n: number }>()
    for (const answer of answers) {
      const { right, n } = sums.get(keyOf(answer)) ?? { right: 0, n: 0 }
      sums.set(keyOf(answer), { right: right + Number(answer.right), n: n + 1 })
    }
    return [...sums].map(([key, { right, n }]) => ({ key, ...estimateShare(right / n, n) }))
  }
  const right = answers.filter((answer) => answer.right).length
  return {
    tasks: new Set(answers.map(({ task }) => task)).size,
    all: (answers.length
      ? estimateShare(right / answers.length, answers.length)
      : { undefined: 'no answer to a gold task' }) as Known,
    right: new Map<string, Known>(shares(({ person }) => person).map(({ key, ...own }) => [key, own])),
    every: span.every,
    points: shares(({ at }) => span.labelOf(at.getTime()))
      .map(({ key: label, ...own }) => ({ label, ...own }))
      .sort((a, b) => (a.label < b.label ? -1 : 1)),
  }
}

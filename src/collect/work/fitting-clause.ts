/**
 * Which clause of a guideline speaks of what a task is about: the one that shares most words with it, rare words counting
 * more (Sparck Jones 1972: log(n / df) over the clauses). A pointer for the reader, never a verdict; words alone decide.
 */
import type { Clause } from '../../projects/guideline/rules.ts'

/** Words of four letters and more, without their last letters, so that "harmful" and "harm" can meet. */
const stemsOf = (text: string): Set<string> =>
  new Set((text.toLowerCase().match(/\p{L}{4,}/gu) ?? []).map((word) => word.slice(0, Math.max(4, word.length - 3))))

/** Undefined where no clause stands out: fewer than two shared words, or the runner-up is as close. */
export function fittingClause(clauses: readonly Clause[], about: string): Clause | undefined {
  if (clauses.length < 2) return undefined
  const stems = clauses.map(({ title, text, examples }) =>
    stemsOf([title, text, ...examples.map((example) => example.text)].join(' ')),
  )
  const task = stemsOf(about)
  const scores = stems.map((own, place) => {
    const shared = [...own].filter((stem) => task.has(stem))
    const weight = (stem: string) => Math.log(clauses.length / stems.filter((each) => each.has(stem)).length)
    const total = shared.reduce((sum, stem) => sum + weight(stem), 0)
    // A long clause shares words by chance.
    return { place, shared: shared.length, score: total / Math.sqrt(own.size || 1) }
  })
  const [best, second] = scores.toSorted((a, b) => b.score - a.score)
  return best && best.shared >= 2 && best.score > (second?.score ?? 0) * 1.25 ? clauses[best.place] : undefined
}

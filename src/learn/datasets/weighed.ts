/** The rule `weighed`: votes that filters let through, each by its author's record in the project (truth inference). */
import { modelsOf } from '../../assure/consensus/refit.ts'
import { consensusOf } from '../../assure/consensus/rules.ts'
import type { Db } from '../../platform/sql.ts'
import type { Judged } from './candidates.ts'

/** Probability that the first response, by id, is the better; keyed by both ids. Ties, and both bad, count half. */
export async function weighedShares(trx: Db, project: string, judged: Judged[], attribute: string) {
  const people = [...new Set(judged.flatMap(({ person }) => person ?? []))]
  const votes = judged.map(({ person, ...one }) => ({ ...one, ...(person === null ? {} : { person }) }))
  const shares = new Map<string, number>()
  for (const { targets, attribute: own, soft } of consensusOf(votes, await modelsOf(trx, project, people))) {
    if (own !== attribute || targets.length !== 2) continue
    const { first = 0, second = 0 } = soft
    // To the four decimals that the labels have: a tie is exactly a half.
    const better = Math.round((first + (1 - first - second) / 2) * 1e4) / 1e4
    const [a, b] = targets as [string, string]
    shares.set([a, b].sort().join(), a < b ? better : Math.round((1 - better) * 1e4) / 1e4)
  }
  return shares
}

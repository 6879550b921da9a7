/** What a head to head comes to with its judges. */
import type { Db } from '../../platform/sql.ts'
import { judgedPairs } from '../head-to-head/judged.ts'
import { headToHead } from '../head-to-head/read.ts'
import type { Hybrid } from './contract.ts'
import { hybridOf } from './rules.ts'

export async function hybrid(db: Db, project: string, id: string): Promise<Hybrid | undefined> {
  const result = await headToHead(db, project, id)
  if (!result) return undefined
  const { byReward } = result
  const scored = byReward && byReward.wins + byReward.losses + byReward.ties > 0
  const noScores = byReward && !scored && 'undefined' in byReward.winRate ? byReward.winRate.undefined : undefined
  return hybridOf(await judgedPairs(db, id), byReward && { name: byReward.name, noScores })
}

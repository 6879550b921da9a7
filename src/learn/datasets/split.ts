/** Which prompts are held out: whole groups of near-duplicates, by a hash of their text, and once held out for good. */
import { sql } from 'kysely'
import { groupsOf } from '../../checks/near-duplicates.ts'
import { digestBytes, printsOf } from '../../collect/prompts/prints.ts'
import { breathe } from '../../platform/breathe.ts'
import { sha256 } from '../../platform/ids.ts'
import { all, type Db } from '../../platform/sql.ts'
import type { Filters } from './contract.ts'

/** So many prompts are decided before others have their turn on this thread. */
const breath = 1000

export interface Split {
  /** Prompts that are held out. */
  test: Set<string>
  /** Prompts of the project, groups of them that are alike, and prompts in groups of several. */
  prompts: number
  groups: number
  alike: number
  /** Prompts of the largest group. */
  largest: number
}

/** Uniform in 0..1, of a seed and a digest. */
const drawn = (seed: number, digest: Uint8Array) => sha256(`${seed}\n`, digest).readUIntBE(0, 6) / 2 ** 48

/**
 * Where prompts were put before: those that were held out by an earlier dataset, those that an evaluation has asked,
 * and of `among` those that trained.
 */
async function history(trx: Db, project: string, among: string[], anew: boolean) {
  const measured = await all(
    trx,
    sql<{ id: string }>`
      SELECT DISTINCT prompt_id AS id FROM tasks WHERE project_id = ${project} AND purpose = 'evaluation'`,
  )
  const test = new Set(measured.map(({ id }) => id))
  const train = new Set<string>()
  if (anew) return { test, train }
  const earlier = await all(
    trx,
    sql<{ id: string; held: boolean }>`
      SELECT r.prompt_id AS id, bool_or(r.split = 'test') AS held FROM snapshots s JOIN snapshot_rows r ON r.snapshot_id = s.id
      WHERE s.project_id = ${project} AND s.hash IS NOT NULL AND (r.split = 'test' OR r.prompt_id = ANY(${among}::uuid[]))
      GROUP BY r.prompt_id`,
  )
  for (const { id, held } of earlier) (held ? test : train).add(id)
  return { test, train }
}

export async function splitOf(trx: Db, project: string, { seed, test: share, anew }: Filters['split']): Promise<Split> {
  const { ids, digests, sketches } = await printsOf(trx, project)
  const first = await groupsOf(sketches)
  const sizes = new Int32Array(ids.length)
  for (const group of first) sizes[group]++
  const alike = ids.filter((_, i) => sizes[first[i]!]! > 1)
  const before = await history(trx, project, alike, anew)
  /** By group: 1 holds out, -1 trains. What was held out wins: nothing that trains may be alike to it. */
  const decided = new Int8Array(ids.length)
  for (const [i, id] of ids.entries())
    if (before.test.has(id)) decided[first[i]!] = 1
    else if (before.train.has(id) && decided[first[i]!] === 0) decided[first[i]!] = -1
  const test = new Set<string>()
  for (const [i, id] of ids.entries()) {
    if (i % breath === breath - 1) await breathe()
    const group = first[i]!
    if (decided[group] === 0)
      decided[group] = drawn(seed, digests.subarray(group * digestBytes, (group + 1) * digestBytes)) < share ? 1 : -1
    if (decided[group] === 1) test.add(id)
  }
  let [groups, largest] = [0, 0]
  for (const size of sizes) {
    if (size > 0) groups++
    largest = Math.max(largest, size)
  }
  return { test, prompts: ids.length, groups, alike: alike.length, largest }
}

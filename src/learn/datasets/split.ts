/** Which prompts are held out: whole groups of near-duplicates, by a hash of their text, and once held out for good. */
import { setImmediate as others } from 'node:timers/promises'
import { sql } from 'kysely'
import { groupsOf, sketchBytes, sketchOf } from '../../checks/near-duplicates.ts'
import { conversationsTo, erased, type Turn } from '../../collect/tasks/read.ts'
import { belowEveryId, sha256 } from '../../platform/ids.ts'
import { all, type Db, one } from '../../platform/sql.ts'
import type { Filters } from './contract.ts'

const pagePrompts = 500

/** System turns are left out: many prompts share one, and are no duplicates for it. */
const wordsOf = (turns: Turn[]) =>
  turns
    .filter(({ role }) => role !== 'system')
    .map(({ text }) => text)
    .join('\n')

/** Computes what is not there yet of the project's prompts. Each page counts by itself: nothing is done twice. */
export async function printPrompts(db: Db, project: string, signal?: AbortSignal): Promise<void> {
  for (let after = belowEveryId; ; ) {
    signal?.throwIfAborted()
    const prompts = await all(
      db,
      sql<{ id: string; message: string }>`
        SELECT p.id, p.message_id AS message FROM prompts p
        WHERE p.project_id = ${project} AND p.id > ${after}::uuid
          AND NOT EXISTS (SELECT 1 FROM prompt_prints f WHERE f.prompt_id = p.id)
        ORDER BY p.id LIMIT ${pagePrompts}`,
    )
    const last = prompts.at(-1)
    if (!last) return
    after = last.id
    const turns = await conversationsTo(
      db,
      prompts.map(({ message }) => message),
    )
    // A prompt with an erased turn has no print, and so no row.
    const prints = prompts.flatMap(({ id, message }) => {
      const conversation = turns.get(message) ?? []
      if (conversation.some(({ text }) => text === erased)) return []
      const digest = sha256(JSON.stringify(conversation.map(({ role, text }) => [role, text])))
      return [{ id, digest, sketch: Buffer.from(sketchOf(wordsOf(conversation))) }]
    })
    await sql`
      INSERT INTO prompt_prints (prompt_id, project_id, digest, sketch)
      SELECT id, ${project}::uuid, digest, sketch FROM unnest(${prints.map(({ id }) => id)}::uuid[],
        ${prints.map(({ digest }) => digest)}::bytea[], ${prints.map(({ sketch }) => sketch)}::bytea[]) AS t(id, digest, sketch)
      ON CONFLICT (prompt_id) DO NOTHING`.execute(db)
  }
}

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

interface Printed {
  id: string
  digest: Buffer
  sketch: Buffer
}

/** All of the project's prompts in the order of their texts' digests, so that equal projects are split alike. */
async function printsOf(trx: Db, project: string) {
  const { n } = await one(
    trx,
    sql<{ n: number }>`SELECT count(*) AS n FROM prompt_prints WHERE project_id = ${project}`,
  )
  const ids: string[] = []
  const digests = Buffer.alloc(n * drawnBytes)
  const sketches = Buffer.alloc(n * sketchBytes)
  for (let after: Uint8Array = new Uint8Array(), afterId = belowEveryId; ids.length < n; ) {
    const page = await all(
      trx,
      sql<Printed>`
        SELECT prompt_id AS id, digest, sketch FROM prompt_prints
        WHERE project_id = ${project} AND (digest, prompt_id) > (${after}::bytea, ${afterId}::uuid)
        ORDER BY digest, prompt_id LIMIT 2000`,
    )
    const last = page.at(-1)
    if (!last) break
    // Copied, so that a page's own buffers can go.
    for (const { id, digest, sketch } of page.slice(0, n - ids.length)) {
      digest.copy(digests, ids.length * drawnBytes, 0, drawnBytes)
      sketch.copy(sketches, ids.length * sketchBytes)
      ids.push(id)
    }
    ;[after, afterId] = [last.digest, last.id]
  }
  return { ids, digests, sketches: sketches.subarray(0, ids.length * sketchBytes) }
}

/** So much of a digest decides on which side a group lies. */
const drawnBytes = 8

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
    if (i % breath === breath - 1) await others()
    const group = first[i]!
    if (decided[group] === 0)
      decided[group] = drawn(seed, digests.subarray(group * drawnBytes, (group + 1) * drawnBytes)) < share ? 1 : -1
    if (decided[group] === 1) test.add(id)
  }
  let [groups, largest] = [0, 0]
  for (const size of sizes) {
    if (size > 0) groups++
    largest = Math.max(largest, size)
  }
  return { test, prompts: ids.length, groups, alike: alike.length, largest }
}

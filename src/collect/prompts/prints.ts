/** What near-duplicates are found by: a sketch of each prompt's words, computed once. */
import { sql } from 'kysely'
import { sketchBytes, sketchOf } from '../../checks/near-duplicates.ts'
import { breathe } from '../../platform/breathe.ts'
import { belowEveryId, sha256 } from '../../platform/ids.ts'
import { all, type Db, one } from '../../platform/sql.ts'
import { conversationsTo, erased, type Turn } from '../tasks/read.ts'

const pagePrompts = 500
/** So many texts are read before others have their turn on this thread: some milliseconds. */
const breath = 50

/** System turns are left out: many prompts share one, and are no duplicates for it. */
export const saidIn = (turns: Turn[]) =>
  turns
    .filter(({ role }) => role !== 'system')
    .map(({ text }) => text)
    .join('\n')

export interface Watch {
  signal?: AbortSignal
  /** How many prompts were read. */
  progress?: (done: number) => void
}

/** Computes what is not there yet of the project's prompts. Each page counts by itself: nothing is done twice. */
export async function printPrompts(db: Db, project: string, { signal, progress }: Watch = {}): Promise<void> {
  let done = 0
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
    const prints: { id: string; digest: Buffer; sketch: Buffer }[] = []
    for (const [i, { id, message }] of prompts.entries()) {
      if (i % breath === breath - 1) await breathe()
      const conversation = turns.get(message) ?? []
      // A prompt with an erased turn has no print, and so no row.
      if (conversation.some(({ text }) => text === erased)) continue
      const digest = sha256(JSON.stringify(conversation.map(({ role, text }) => [role, text])))
      prints.push({ id, digest, sketch: Buffer.from(sketchOf(saidIn(conversation))) })
    }
    await sql`
      INSERT INTO prompt_prints (prompt_id, project_id, digest, sketch)
      SELECT id, ${project}::uuid, digest, sketch FROM unnest(${prints.map(({ id }) => id)}::uuid[],
        ${prints.map(({ digest }) => digest)}::bytea[], ${prints.map(({ sketch }) => sketch)}::bytea[]) AS t(id, digest, sketch)
      ON CONFLICT (prompt_id) DO NOTHING`.execute(db)
    done += prompts.length
    progress?.(done)
  }
}

interface Printed {
  id: string
  digest: Buffer
  sketch: Buffer
}

/** So much is kept of a digest. */
export const digestBytes = 8

/**
 * All of the project's prompts in the order of their texts' digests, so that equal projects are treated alike; the beginnings
 * of digests and the sketches laid end to end.
 */
export async function printsOf(db: Db, project: string) {
  const { n } = await one(db, sql<{ n: number }>`SELECT count(*) AS n FROM prompt_prints WHERE project_id = ${project}`)
  const ids: string[] = []
  const digests = Buffer.alloc(n * digestBytes)
  const sketches = Buffer.alloc(n * sketchBytes)
  for (let after: Uint8Array = new Uint8Array(), afterId = belowEveryId; ids.length < n; ) {
    const page = await all(
      db,
      sql<Printed>`
        SELECT prompt_id AS id, digest, sketch FROM prompt_prints
        WHERE project_id = ${project} AND (digest, prompt_id) > (${after}::bytea, ${afterId}::uuid)
        ORDER BY digest, prompt_id LIMIT 2000`,
    )
    const last = page.at(-1)
    if (!last) break
    // Copied, so that a page's own buffers can go.
    for (const { id, digest, sketch } of page.slice(0, n - ids.length)) {
      digest.copy(digests, ids.length * digestBytes, 0, digestBytes)
      sketch.copy(sketches, ids.length * sketchBytes)
      ids.push(id)
    }
    ;[after, afterId] = [last.digest, last.id]
  }
  return { ids, digests, sketches: sketches.subarray(0, ids.length * sketchBytes) }
}

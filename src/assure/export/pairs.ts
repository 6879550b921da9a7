/** Preference pairs as people agree on them: one record a pair of responses, read through `pairs()` of each kind. */
import { sql } from 'kysely'
import { annotationsInForce, conversationsTo } from '../../collect/tasks/read.ts'
import type { ExportRecord } from '../../formats/index.ts'
import { belowEveryId } from '../../platform/ids.ts'
import { all, type Db } from '../../platform/sql.ts'
import { tally } from '../consensus/pairs.ts'
import { softLabelsOf } from '../consensus/read.ts'

interface PairRecord extends ExportRecord {
  judgement: { kind: 'preference'; chosen: 0; rejected: 1; strength: number }
  /** `posterior`: probability that what was chosen is better, votes weighed by their authors' record; absent until it is known. */
  metadata: { task: string; votes: number; agreement: number; posterior?: number }
}

const pagePrompts = 500

/**
 * Pairs on which one side leads; tied ones are left out. Order is that of the prompts: two tasks that ask for the same pair
 * have one, so a page of whole prompts sees all that was said of each of its pairs.
 */
export async function* preferencePairs(db: Db, project: string): AsyncGenerator<PairRecord> {
  for (let after = belowEveryId; ; ) {
    const prompts = await all(
      db,
      sql<{ id: string; message: string; tasks: string[] }>`
        SELECT p.id, p.message_id AS message, ARRAY(SELECT t.id FROM tasks t
          WHERE t.prompt_id = p.id AND t.purpose IN ('label', 're-annotation') ORDER BY t.id) AS tasks
        FROM prompts p WHERE p.project_id = ${project} AND p.id > ${after}::uuid ORDER BY p.id LIMIT ${pagePrompts}`,
    )
    const last = prompts.at(-1)
    if (!last) return
    const promptOf = new Map(prompts.flatMap(({ message, tasks }) => tasks.map((task) => [task, message] as const)))
    const decided = tally(await annotationsInForce(db, [...promptOf.keys()])).filter(
      ({ votes }) => votes[0] !== votes[1],
    )
    const conversations = await conversationsTo(
      db,
      decided.map(({ task }) => promptOf.get(task!)!),
    )
    const texts = await textsOf(
      db,
      decided.flatMap(({ responses }) => responses),
    )
    const soft = await posteriorsOf(
      db,
      decided.map(({ task }) => task!),
    )
    for (const { task, responses, votes, strength } of decided) {
      const [chosen, rejected] = votes[0] > votes[1] ? responses : [responses[1], responses[0]]
      const total = votes[0] + votes[1] + votes[2]
      const prompt = (conversations.get(promptOf.get(task!)!) ?? []).map(({ role, text }) => ({ role, content: text }))
      if (!texts.has(chosen) || !texts.has(rejected)) continue // erased meanwhile
      yield {
        prompt,
        responses: [{ content: texts.get(chosen)! }, { content: texts.get(rejected)! }],
        judgement: { kind: 'preference', chosen: 0, rejected: 1, strength: Math.abs(strength) / total },
        metadata: {
          task: task!,
          votes: total,
          agreement: Math.max(votes[0], votes[1]) / total,
          ...(soft.has(`${chosen} ${rejected}`) ? { posterior: soft.get(`${chosen} ${rejected}`)! } : {}),
        },
      }
    }
    after = last.id
  }
}

/** By "better worse": how probable it is, to four decimals. */
async function posteriorsOf(db: Db, tasks: string[]): Promise<Map<string, number>> {
  const rounded = (share: number) => Math.round(share * 1e4) / 1e4
  return new Map(
    (await softLabelsOf(db, tasks)).flatMap(({ targets: [first, second], firstBetter }): [string, number][] => [
      [`${first} ${second}`, rounded(firstBetter)],
      [`${second} ${first}`, rounded(1 - firstBetter)],
    ]),
  )
}

async function textsOf(db: Db, ids: string[]): Promise<Map<string, string>> {
  const rows = await all(
    db,
    sql<{
      id: string
      text: string
    }>`SELECT id, text FROM messages WHERE id = ANY(${ids}::uuid[]) AND text IS NOT NULL`,
  )
  return new Map(rows.map(({ id, text }) => [id, text]))
}

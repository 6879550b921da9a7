/** Compares all prompts of a project and keeps which are alike. In breaths: a server goes on answering meanwhile. */
import { sql } from 'kysely'
import { groupsOf, wordsOf } from '../../../checks/near-duplicates.ts'
import { breathe } from '../../../platform/breathe.ts'
import { sha256 } from '../../../platform/ids.ts'
import { all, type Db, inTransaction } from '../../../platform/sql.ts'
import { conversationsTo } from '../../tasks/read.ts'
import { printPrompts, printsOf, saidIn, type Watch } from '../prints.ts'
import { type AlikePrompt, keepReport } from './store.ts'

const page = 500
/** So many prompts are looked at before others have their turn on this thread. */
const breath = 50

/** Prompts in groups of several, with the first of their group; ids grow with time. */
function alikeOf(ids: string[], first: Int32Array): { prompt: string; group: string }[] {
  const sizes = new Int32Array(ids.length)
  for (const group of first) sizes[group]!++
  const oldest = new Map<number, string>()
  for (const [i, id] of ids.entries()) {
    const group = first[i]!
    if (sizes[group]! > 1 && !(oldest.get(group)! < id)) oldest.set(group, id)
  }
  return ids.flatMap((prompt, i) => {
    const group = oldest.get(first[i]!)
    return group === undefined ? [] : [{ prompt, group }]
  })
}

/** A digest of the words of each prompt, for those that are alike. */
async function worded(
  db: Db,
  alike: { prompt: string; group: string }[],
  signal?: AbortSignal,
): Promise<AlikePrompt[]> {
  const result: AlikePrompt[] = []
  for (let from = 0; from < alike.length; from += page) {
    signal?.throwIfAborted()
    const some = alike.slice(from, from + page)
    const messages = await all(
      db,
      sql<{ id: string; message: string }>`
        SELECT id, message_id AS message FROM prompts WHERE id = ANY(${some.map(({ prompt }) => prompt)}::uuid[])`,
    )
    const messageOf = new Map(messages.map(({ id, message }) => [id, message]))
    const turns = await conversationsTo(db, [...messageOf.values()])
    for (const [i, { prompt, group }] of some.entries()) {
      if (i % breath === breath - 1) await breathe()
      const words = wordsOf(saidIn(turns.get(messageOf.get(prompt)!) ?? []))
      result.push({ prompt, group, wording: sha256(words.join(' ')).subarray(0, 8) })
    }
  }
  return result
}

/** Returns how many prompts were compared and how many of them are alike to another. */
export async function findDuplicates(
  db: Db,
  project: string,
  at: Date,
  { signal, progress }: Watch = {},
): Promise<{ prompts: number; alike: number }> {
  await printPrompts(db, project, { signal, progress })
  const { ids, sketches } = await printsOf(db, project)
  const first = await groupsOf(sketches)
  signal?.throwIfAborted()
  const alike = await worded(db, alikeOf(ids, first), signal)
  const newest = ids.reduce<string | null>((latest, id) => (latest !== null && latest > id ? latest : id), null)
  await inTransaction(db, (trx) => keepReport(trx, { project, prompts: ids.length, newest, at }, alike))
  return { prompts: ids.length, alike: alike.length }
}

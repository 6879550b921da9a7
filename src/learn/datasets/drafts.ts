/** The rows that filters give, before anything is written: what a dataset is filled with, and what a preview counts. */
import { tally } from '../../assure/consensus/pairs.ts'
import type { Db } from '../../platform/sql.ts'
import { demonstrations, judgements, type Written } from './candidates.ts'
import type { DatasetKind, Filters } from './contract.ts'
import { type Facts, noteVotes } from './facts.ts'
import { preferencesOf } from './rules.ts'
import { weighedShares } from './weighed.ts'

export interface Draft {
  prompt: string
  message: string
  chosen: string
  rejected: string | null
  margin: number | null
  soft: number | null
  annotations: string[]
}

/** One state of the database throughout; the transaction only reads, unless it is the caller's. */
export const reading = <T>(db: Db, act: (trx: Db) => Promise<T>): Promise<T> =>
  db.isTransaction
    ? act(db)
    : db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute(act)

/** `until`: the last prompt to look at. */
async function* preferences(trx: Db, project: string, filters: Filters, facts: Facts, until?: string) {
  for await (const page of judgements(trx, project, filters, until)) {
    const byId = new Map(page.map((row) => [row.id, row]))
    const weighed =
      filters.rule === 'weighed'
        ? await weighedShares(trx, project, page, filters.attribute)
        : new Map<string, number>()
    const drafts: Draft[] = []
    for (const pair of tally(page, filters.attribute)) {
      const rows = preferencesOf(pair, filters, weighed.get(pair.responses.join()))
      if (typeof rows === 'string') {
        facts.leftOut[rows]++
        continue
      }
      noteVotes(facts, pair.votes)
      const { prompt, message } = byId.get(pair.said[0]!.annotation)!
      for (const row of rows) drafts.push({ ...row, prompt, message })
    }
    yield drafts
  }
}

/** Whether imported judgements set another response above this one. */
const isWorse = ({ response, judged }: Written) =>
  tally((judged ?? []).map((one, i) => ({ ...one, id: String(i), person: null, task: null }))).some(
    ({ responses, strength }) => strength !== 0 && responses[strength < 0 ? 0 : 1] === response,
  )

async function* demonstrated(trx: Db, project: string, filters: Filters, facts: Facts, until?: string) {
  for await (const page of demonstrations(trx, project, filters, until)) {
    const kept = page.filter((row) => !row.isRefused && !isWorse(row))
    facts.leftOut.worse += page.length - kept.length
    yield kept.map(
      ({ prompt, message, response }): Draft => ({
        prompt,
        message,
        chosen: response,
        rejected: null,
        margin: null,
        soft: null,
        annotations: [],
      }),
    )
  }
}

/** Pages of rows in the order of their prompts; what is left out is counted in `facts`. */
export const draftsOf = (trx: Db, project: string, kind: DatasetKind, filters: Filters, facts: Facts, until?: string) =>
  (kind === 'preference' ? preferences : demonstrated)(trx, project, filters, facts, until)

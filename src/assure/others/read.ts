/** Judgements as the person reads them on whose screen they were made. */
import { orderOf } from '../../collect/tasks/order.ts'
import { loadTemplate } from '../../collect/templates/store.ts'
import type { Db } from '../../platform/sql.ts'
import type { ShownJudgement } from './contract.ts'
import { judgementsOf } from './store.ts'

export interface ToShow {
  submission: string
  template: string
  version: number
  /** Of the order on the screen. */
  seed: number
}

type Sent = Awaited<ReturnType<typeof judgementsOf>>

/** By submission. `said`: what they say, where the caller has read it already. */
export async function shownJudgements(db: Db, of: ToShow[], said?: Sent): Promise<Map<string, ShownJudgement[]>> {
  if (of.length === 0) return new Map()
  const sent = said ?? (await judgementsOf(db, [...new Set(of.map(({ submission }) => submission))]))
  const shown = await Promise.all(
    of.map(async ({ submission, template, version, seed }): Promise<[string, ShownJudgement[]]> => {
      const { steps } = await loadTemplate(db, template, version)
      const own = sent.filter((one) => one.submission === submission)
      return [
        submission,
        own.map(({ step, kind, targets, payload }) => ({
          step,
          kind,
          payload,
          settings: steps.find(({ key }) => key === step)?.settings,
          order: orderOf(seed, targets.length),
        })),
      ]
    }),
  )
  return new Map(shown)
}

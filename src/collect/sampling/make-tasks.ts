/**
 * Makes tasks of responses that prompts already have, in pages: the same pair under one template and purpose is made once, also
 * where an import has made it. Judging again is for pairs that were asked, once for each version of template and guideline.
 */
import { randomInt } from 'node:crypto'
import { recordAudit } from '../../platform/audit.ts'
import type { Platform } from '../../platform/context.ts'
import { fail } from '../../platform/errors.ts'
import { belowEveryId, sha256 } from '../../platform/ids.ts'
import type { JobHandler } from '../../platform/jobs.ts'
import { type Db, inTransaction } from '../../platform/sql.ts'
import { guidelineInForce, saltOf } from '../../projects/store.ts'
import { type NewTask, writeTasks } from '../tasks/write.ts'
import type { Template } from '../templates/contract.ts'
import { compareTemplate, listTemplates, routeFor } from '../templates/store.ts'
import { type Pairing, pairsOf } from './rules.ts'
import { askedPairs, candidatesOf, countPairs, pairKey, type Which } from './store.ts'

interface MakeTasks extends Which {
  pairing: Pairing
  /** Only responses that this sampling job has drawn. */
  job?: string
  template?: string
  overlap: number
  purpose: 'label' | 'calibration' | 'evaluation' | 're-annotation'
  skills: string[]
  priority: number
}

async function templateOf(trx: Db, project: string, id: string | undefined): Promise<Template> {
  if (!id) return compareTemplate(trx, project)
  const found = (await listTemplates(trx, project)).find((template) => template.id === id)
  return found ?? fail('not_found', 'There is no such template.', { where: 'template' })
}

/** Of a page of pairs those that the purpose wants. */
async function wantedOf(db: Db, template: string, purpose: MakeTasks['purpose'], tasks: NewTask[]): Promise<NewTask[]> {
  if (purpose !== 'label' && purpose !== 're-annotation') return tasks
  const asked = await askedPairs(db, template, [...new Set(tasks.map(({ prompt }) => prompt))])
  return tasks.filter(({ targets }) => asked.has(pairKey(targets)) === (purpose === 're-annotation'))
}

const pagePrompts = 500
/** A prompt with many responses has far more pairs: they are written, and audited, in slices. */
const sliceTasks = 5000
/** At once: all pairs of a hundred responses are five thousand a prompt. */
const mostPairs = 1_000_000

/** How many pairs there are to make tasks of; throws `bad_input` where they are too many, and `not_found` for a template that is not there. */
export async function pairsToMake(db: Db, project: string, plan: MakeTasks): Promise<number> {
  if (plan.template) await inTransaction(db, (trx) => templateOf(trx, project, plan.template))
  const pairs = await countPairs(db, project, plan, plan.pairing)
  if (pairs > mostPairs)
    fail(
      'bad_input',
      `${pairs.toLocaleString('en')} pairs are more than the ${mostPairs.toLocaleString('en')} that become tasks at once.`,
      { where: 'pairing', hint: 'Choose fewer prompts by their tag, or one pair of each.' },
    )
  return pairs
}

/** How it goes on, for whoever waits for it. */
export interface Watch {
  signal?: AbortSignal
  progress?(pairs: number, of: number): void
  /** Called with the tasks made so far, in the transaction that makes the last of them. */
  kept?(tasks: number, trx: Db): Promise<void>
  /** Made by a run that was cut off. */
  before?: number
}

/**
 * Returns how many tasks were made; each slice of them is one audit row. Stored order is drawn at random: it tells nothing of
 * where a response came from.
 */
export async function makeTasks(
  { db, clock }: Pick<Platform, 'db' | 'clock'>,
  project: string,
  plan: MakeTasks,
  actor: string,
  { signal, progress, kept, before = 0 }: Watch = {},
): Promise<number> {
  const pairs = await pairsToMake(db, project, plan)
  const salt = await saltOf(db, project)
  const { template, route } = await inTransaction(db, async (trx) => ({
    template: await templateOf(trx, project, plan.template),
    route: await routeFor(trx, project, { skills: plan.skills }),
  }))
  const under =
    plan.purpose === 're-annotation'
      ? [`template ${template.version}, guideline ${await guidelineInForce(db, project)}`]
      : []
  const { prompts: _, ...which } = plan
  let made = before
  let seen = 0
  for (let after = belowEveryId; ; ) {
    const page = await candidatesOf(db, project, plan, after, pagePrompts)
    const last = page.at(-1)
    if (!last) return made
    const all = page.flatMap(({ prompt, candidates }) =>
      pairsOf(candidates, plan.pairing).map(
        ([a, b]): NewTask => ({
          prompt,
          targets: randomInt(2) ? [a, b] : [b, a],
          source: sha256(salt, 'pair', template.id, plan.purpose, ...under, ...[a, b].sort()),
        }),
      ),
    )
    const tasks = await wantedOf(db, template.id, plan.purpose, all)
    seen += all.length - tasks.length
    for (let from = 0; from < tasks.length; from += sliceTasks) {
      signal?.throwIfAborted()
      const slice = tasks.slice(from, from + sliceTasks)
      const written = await inTransaction(db, async (trx) => {
        const written = await writeTasks(trx, project, slice, { ...plan, template, route })
        const after = { ...which, tasks: written.length }
        const entry = { actor, action: 'task.create', subject: `project ${project}`, project, after }
        if (written.length) await recordAudit(trx, [entry], clock())
        await kept?.(made + written.length, trx)
        return written.length
      })
      made += written
      progress?.((seen += slice.length), pairs)
    }
    after = last.prompt
  }
}

export interface MakeTasksInput {
  plan: MakeTasks
  by: string
}

/** Cut off, it goes on: a pair that has its task is passed over. Cancelled, it leaves the tasks that are made. */
export const makeTasksJob =
  (platform: Pick<Platform, 'db' | 'clock'>): JobHandler =>
  async ({ project, input, checkpoint, signal, progress, save }) => {
    const { plan, by } = input as MakeTasksInput
    const { tasks: before } = (checkpoint ?? { tasks: 0 }) as { tasks: number }
    const kept = (tasks: number, trx: Db) => save({ tasks }, trx)
    return { tasks: await makeTasks(platform, project!, plan, by, { signal, progress, kept, before }) }
  }

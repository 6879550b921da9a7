/** Prompts, samples, judgements: from what is asked to what people have said of the answers. */
import { sql } from 'kysely'
import { makeTasks, type Watch } from '../../collect/sampling/make-tasks.ts'
import { startSampling } from '../../collect/sampling/start.ts'
import { sampleCounts } from '../../collect/sampling/store.ts'
import { priorities } from '../../collect/tasks/contract.ts'
import { setPriority } from '../../collect/tasks/queue.ts'
import { queued } from '../../collect/tasks/states.ts'
import type { Platform } from '../../platform/context.ts'
import { fail } from '../../platform/errors.ts'
import { all, type Db, one } from '../../platform/sql.ts'
import type { Facts } from '../contract.ts'
import type { OpenRound } from '../store.ts'
import { endOf, jobOf, overJob, startJob } from './job.ts'
import { roundTasks } from './pace.ts'
import type { RoundStation, Turn } from './station.ts'

/** Those that rounds have asked least come first, in an order that each round draws anew. */
export const promptsFor = async (
  db: Db,
  { id, project, plan: { prompts } }: Pick<OpenRound, 'id' | 'project' | 'plan'>,
): Promise<string[]> =>
  (
    await all(
      db,
      sql<{ id: string }>`
        SELECT p.id FROM prompts p
        LEFT JOIN (
          SELECT t.prompt_id, count(DISTINCT rt.round_id) AS rounds FROM round_tasks rt JOIN tasks t ON t.id = rt.task_id
          WHERE t.project_id = ${project} GROUP BY t.prompt_id) asked ON asked.prompt_id = p.id
        WHERE p.project_id = ${project} AND ${prompts.tag ? sql`${prompts.tag} = ANY(p.tags)` : sql`true`}
        ORDER BY coalesce(asked.rounds, 0), md5(p.id::text || ${id}) LIMIT ${prompts.limit ?? 100_000}`,
    )
  ).map((prompt) => prompt.id)

export const prompts: RoundStation = {
  async begin({ trx, round }) {
    const found = await promptsFor(trx, round)
    if (!found.length)
      fail(
        'bad_input',
        round.plan.prompts.tag ? `No prompt has the tag "${round.plan.prompts.tag}".` : 'There are no prompts.',
        {
          where: 'plan, prompts',
          hint: 'Import prompts under Collect, Prompts; or close this round and begin one with another tag.',
        },
      )
    return { subject: null, facts: { done: found.length, total: found.length } }
  },
  look: async (_, { facts }) => ({ state: 'done', facts }),
}

export const samples: RoundStation = {
  ...overJob,
  async begin({ trx, platform, round }) {
    const { project, plan, number, policy, createdBy } = round
    const { policies, responses, parameters } = plan.samples
    const { job, asked } = await startSampling(
      trx,
      platform,
      project,
      {
        prompts: await promptsFor(trx, round),
        policies: policies.length ? policies : [policy],
        responses,
        parameters,
        seed: number * 1000,
      },
      { createdBy: createdBy ?? undefined },
    )
    return { subject: job, facts: { done: 0, total: asked } }
  },
  async look({ trx }, { subject }) {
    const job = await jobOf(trx, subject!)
    const { total, done, failed, cost } = await sampleCounts(trx, subject!)
    const facts: Facts = { done, total, failed, cost }
    const problem = endOf(job)
    if (problem) return { state: 'failed', facts, problem }
    if (job.state !== 'done') return { state: 'working', facts }
    if (done > 0) return { state: 'done', facts }
    const { reason } = await one(
      trx,
      sql<{ reason: string | null }>`
        SELECT max(problem->>'message') AS reason FROM samples WHERE job_id = ${subject} AND state = 'failed'`,
    )
    return {
      state: 'failed',
      facts,
      problem: {
        code: 'unavailable',
        message: `Not one of ${total} responses came: ${reason ?? 'no reason is known'}`,
        where: 'policies',
        hint: 'Try the policy with a test call under Collect, Policies; then try again.',
      },
    }
  },
}

/** Tasks `t` that compare what a job has drawn. */
const tasksOf = (samplingJob: string) => sql`
  samples s JOIN tasks t ON t.prompt_id = s.prompt_id AND s.message_id = ANY(t.targets)
  WHERE s.job_id = ${samplingJob} AND t.purpose = 'label'`

/** Done by the job: makes the tasks, and notes which they are. */
export async function makeRoundTasks(
  platform: Pick<Platform, 'db' | 'clock'>,
  { id, project, plan }: OpenRound,
  samplingJob: string,
  watch: Watch,
): Promise<number> {
  const { db } = platform
  const { pairing, overlap, skills } = plan.judgements
  const wanted = { job: samplingJob, pairing, overlap, skills, purpose: 'label' as const, priority: priorities.round }
  await makeTasks(platform, project, wanted, 'system', watch)
  const { count } = await one(
    db,
    sql<{ count: number }>`
      WITH made AS (
        INSERT INTO round_tasks (round_id, task_id)
        SELECT DISTINCT ${id}::uuid, t.id FROM ${tasksOf(samplingJob)} ON CONFLICT DO NOTHING)
      SELECT count(DISTINCT t.id)::int AS count FROM ${tasksOf(samplingJob)}`,
  )
  return count
}

/**
 * What the round waits for no longer is judged in its turn, like any other task: its answers teach later rounds, and nothing
 * that somebody is asked to judge goes for nothing. Where somebody has put a task by hand it stays.
 */
async function layBack({ trx, round, subjectOf }: Turn): Promise<void> {
  const tasks = await all(
    trx,
    sql<{ task: string }>`
      SELECT DISTINCT q.task_id AS task FROM queue q JOIN (SELECT t.id FROM ${tasksOf(subjectOf('samples'))}) o ON o.id = q.task_id
      WHERE q.priority = ${priorities.round} AND q.state IN (${queued.open}, ${queued.handedOut})`,
  )
  const ids = tasks.map(({ task }) => task)
  await setPriority(trx, round.project, ids, priorities.usual)
}

export const judgements: RoundStation = {
  ...overJob,
  async stop(turn, row) {
    await overJob.stop!(turn, row)
    await layBack(turn)
  },
  begin: async (turn) => ({ subject: await startJob(turn, 'judgements', 'make tasks'), facts: {} }),
  async look(turn, { subject, acceptedWhy }) {
    const { trx, platform, round } = turn
    const job = await jobOf<{ tasks: number }>(trx, subject!)
    const problem = endOf(job)
    if (problem) return { state: 'failed', facts: {}, problem }
    if (!job.result) return { state: 'working', facts: {} }
    if (job.result.tasks === 0)
      return {
        state: 'failed',
        facts: {},
        problem: {
          code: 'bad_input',
          message: 'No prompt has two different responses to compare.',
          where: 'samples',
          hint: 'Draw at a higher temperature, or from two policies; close this round and begin another.',
        },
      }
    const facts = await roundTasks(trx, round, platform.clock())
    if (facts.total === 0)
      return {
        state: 'failed',
        facts,
        problem: {
          code: 'conflict',
          message: 'Every task of this round was taken out of the queue.',
          where: 'judgements',
          hint: 'Put some back under Collect, Tasks, and try again; or close this round and begin another.',
        },
      }
    const wanted = Math.min(round.plan.judgements.wanted ?? Infinity, facts.total)
    // With what is there: not one task may have as many answers as it was to have.
    const isDone = facts.done >= wanted || (acceptedWhy !== null && facts.people > 0)
    if (isDone) await layBack(turn)
    return { state: isDone ? 'done' : 'working', facts: { ...facts, total: wanted } }
  },
}

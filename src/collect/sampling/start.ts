/** Begins a sampling job, in the caller's transaction, and audits it: what is wanted is written down before anything is asked. */
import type { Parameters } from '../../models/policies/contract.ts'
import { findPolicy } from '../../models/policies/store.ts'
import { recordAudit } from '../../platform/audit.ts'
import type { Platform } from '../../platform/context.ts'
import { fail } from '../../platform/errors.ts'
import type { Db } from '../../platform/sql.ts'
import { countPrompts, planSamples, type Which } from './store.ts'

/** Of one job: each is a row before anything is asked, and more would be days of work for any policy. */
const mostResponses = 1_000_000

interface SamplingPlan extends Which {
  policies: string[]
  /** Responses a prompt, of each policy. */
  responses: number
  parameters: Parameters
  seed: number
  concurrency?: number
}

/** Throws `not_found` for a policy of another project, and `bad_input` where no prompt matches, or too many do. */
export async function startSampling(
  trx: Db,
  { jobs, clock }: Pick<Platform, 'jobs' | 'clock'>,
  project: string,
  { prompts, tag, concurrency = 8, ...given }: SamplingPlan,
  { createdBy, actor = createdBy ?? 'system' }: { createdBy?: string; actor?: string },
): Promise<{ job: string; asked: number }> {
  const plan = { ...given, policies: [...new Set(given.policies)] }
  for (const id of plan.policies)
    if (!(await findPolicy(trx, project, id))) fail('not_found', 'There is no such policy.', { where: 'policies' })
  const found = await countPrompts(trx, project, { prompts, tag })
  if (!found) fail('bad_input', 'No prompt matches.', { where: prompts ? 'prompts' : 'tag' })
  const wanted = found * plan.policies.length * plan.responses
  if (wanted > mostResponses)
    fail(
      'bad_input',
      `${wanted.toLocaleString('en')} responses are more than the ${mostResponses.toLocaleString('en')} of one job.`,
      { where: 'responses', hint: 'Choose fewer prompts by their tag, fewer policies, or fewer responses a prompt.' },
    )
  const input = { concurrency }
  const job = await jobs.start(trx, { kind: 'sample', title: 'Sample responses', project, input, createdBy })
  const asked = await planSamples(trx, project, job, { prompts, tag }, plan)
  const entry = { actor, action: 'sample.start', subject: `job ${job}`, project, after: { ...plan, tag, asked } }
  await recordAudit(trx, [entry], clock())
  return { job, asked }
}

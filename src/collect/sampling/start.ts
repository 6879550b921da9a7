/** Begins a sampling job, in the caller's transaction, and audits it: what is wanted is written down before anything is asked. */
import type { Parameters } from '../../models/policies/contract.ts'
import { findPolicy } from '../../models/policies/store.ts'
import { recordAudit } from '../../platform/audit.ts'
import type { Platform } from '../../platform/context.ts'
import { fail } from '../../platform/errors.ts'
import type { Db } from '../../platform/sql.ts'
import { planSamples, type Which } from './store.ts'

export interface SamplingPlan extends Which {
  policies: string[]
  /** Responses a prompt, of each policy. */
  responses: number
  parameters: Parameters
  seed: number
  concurrency?: number
}

/** Throws `not_found` for a policy of another project, and `bad_input` where no prompt matches. */
export async function startSampling(
  trx: Db,
  { jobs, clock }: Pick<Platform, 'jobs' | 'clock'>,
  project: string,
  { prompts, tag, concurrency = 8, ...plan }: SamplingPlan,
  { createdBy, actor = createdBy ?? 'system' }: { createdBy?: string; actor?: string },
): Promise<{ job: string; asked: number }> {
  for (const id of plan.policies)
    if (!(await findPolicy(trx, project, id))) fail('not_found', 'There is no such policy.', { where: 'policies' })
  const input = { concurrency }
  const job = await jobs.start(trx, { kind: 'sample', title: 'Sample responses', project, input, createdBy })
  const asked = await planSamples(trx, project, job, { prompts, tag }, plan)
  if (!asked) fail('bad_input', 'No prompt matches.', { where: prompts ? 'prompts' : 'tag' })
  const entry = { actor, action: 'sample.start', subject: `job ${job}`, project, after: { ...plan, tag, asked } }
  await recordAudit(trx, [entry], clock())
  return { job, asked }
}

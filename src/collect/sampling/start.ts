/** Begins a sampling job, in the caller's transaction: what is wanted is written down before anything is asked. */
import type { Parameters } from '../../models/policies/contract.ts'
import { findPolicy } from '../../models/policies/store.ts'
import { fail } from '../../platform/errors.ts'
import type { Jobs } from '../../platform/jobs.ts'
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
  jobs: Jobs,
  project: string,
  { prompts, tag, concurrency = 8, ...plan }: SamplingPlan,
  createdBy?: string,
): Promise<{ job: string; asked: number }> {
  for (const id of plan.policies)
    if (!(await findPolicy(trx, project, id))) fail('not_found', 'There is no such policy.', { where: 'policies' })
  const input = { concurrency }
  const job = await jobs.start(trx, { kind: 'sample', title: 'Sample responses', project, input, createdBy })
  const asked = await planSamples(trx, project, job, { prompts, tag }, plan)
  if (!asked) fail('bad_input', 'No prompt matches.', { where: prompts ? 'prompts' : 'tag' })
  return { job, asked }
}

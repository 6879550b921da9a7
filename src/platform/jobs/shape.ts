/** A job as people see it. */
import { z } from 'zod'
import { id, problem, timestamp } from '../contract.ts'

const jobStates = ['waiting', 'running', 'done', 'failed', 'cancelled'] as const
export type JobState = (typeof jobStates)[number]

export const job = z.object({
  id,
  project: id.nullable(),
  kind: z.string(),
  title: z.string(),
  state: z.enum(jobStates),
  /** Asked to stop, and still at it. */
  cancelling: z.boolean(),
  done: z.number(),
  total: z.number().nullable(),
  note: z.string(),
  attempt: z.number().int(),
  problem: problem.nullable(),
  createdBy: id.nullable(),
  createdAt: timestamp,
  startedAt: timestamp.nullable(),
  endedAt: timestamp.nullable(),
})
export type Job = z.infer<typeof job>

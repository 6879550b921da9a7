/** Hybrid: what people and a judge that scored every pair come to together, and how far the judge may be trusted. */
import { z } from 'zod'
import { endpoint, id, inProject, known } from '../../platform/contract.ts'

export const judges = ['reward', 'longer'] as const

export const judge = z.object({
  judge: z.enum(judges),
  name: z.string(),
  /** Share that it gives the candidate over every pair; no word of people is in it. */
  alone: known,
  /** By people and judge together; n is the number of pairs that people judged. */
  together: known,
  /** How much its verdicts weigh in that, 0 to 1; null where there is no such estimate. */
  weight: z.number().nullable(),
  /** So many more pairs judged by people would have made them as sure alone; null where there is no such estimate. */
  saved: z.number().int().nullable(),
  /** Of the pairs that people decided: how often it names their winner. */
  accuracy: known,
  /** The same of those that the candidate won, and of those that the baseline won. */
  candidateFound: known,
  baselineFound: known,
})
export type Judge = z.infer<typeof judge>

export const hybrid = z.object({
  /** Pairs of which both answers are there and differ. */
  pairs: z.number().int(),
  /** Of these, judged by people who count. */
  judged: z.number().int(),
  /** Share that people give the candidate, each pair alike; both bad prefers neither, as a tie. */
  people: known,
  judges: z.array(judge),
})
export type Hybrid = z.infer<typeof hybrid>

export const hybrids = {
  show: endpoint(
    'GET',
    '/projects/{project}/head-to-heads/{headToHead}/hybrid',
    'quality.read',
    'What people and judges of every pair say together of a head to head',
  )
    .input(inProject.extend({ headToHead: id }))
    .output(hybrid),
}

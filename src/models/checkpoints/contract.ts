/** Checkpoints: models whose files lie here, made by a run or added by hand. They answer (a policy) or give scores. */
import { z } from 'zod'
import { id, timestamp } from '../../platform/contract.ts'

/** What is known of a model besides its files; a run adds what it knows. */
export const facts = z.looseObject({
  /** What trained it: `sft`, `dpo`, `grpo`, ...; nothing where it was added as it is. */
  algorithm: z.string().optional(),
  licence: z.string().optional(),
  /** Figures measured at the end of its run, by name. */
  measured: z.record(z.string(), z.number()).optional(),
  /** Where a model that was added came from. */
  source: z.string().optional(),
})
export type Facts = z.infer<typeof facts>

export const checkpoint = z.object({
  id,
  name: z.string(),
  head: z.enum(['lm', 'scalar']),
  /** What it was trained from: a preset, a catalogue's name, or the name of the checkpoint `baseId`. */
  base: z.string(),
  baseId: id.nullable(),
  run: id.nullable(),
  /** The policy that it answers as; null for a reward model. */
  policy: id.nullable(),
  parameters: z.number().int(),
  bytes: z.number().int(),
  /** sha256 over the hashes of its files, hexadecimal. */
  hash: z.string(),
  facts,
  archived: z.boolean(),
  createdAt: timestamp,
})
export type CheckpointView = z.infer<typeof checkpoint>

/** Checkpoints: models whose files lie here, made by a run or added by hand. They answer (a policy) or give scores. */
import { z } from 'zod'
import { done, endpoint, id, inProject, timestamp } from '../../platform/contract.ts'

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

/** What can be added by name. */
const source = z.object({
  name: z.string(),
  title: z.string(),
  licence: z.string(),
  /** Numbers in its weights; null where that is not known before it is opened. */
  parameters: z.number().int().nullable(),
  bytes: z.number().int(),
  /** False: it is fetched first. */
  here: z.boolean(),
})
export type Source = z.infer<typeof source>

const oneModel = inProject.extend({ model: id })

export const models = {
  list: endpoint('GET', '/projects/{project}/models', 'model.read', 'Models of the project, newest first')
    .input(inProject)
    .output(z.object({ rows: z.array(checkpoint) })),
  show: endpoint('GET', '/projects/{project}/models/{model}', 'model.read', 'Show a model, with its card')
    .input(oneModel)
    .output(
      checkpoint.extend({
        /** In the form of the Hugging Face hub: facts as YAML, then Markdown. */
        card: z.string(),
        /** What was trained from it. */
        children: z.array(z.object({ id, name: z.string() })),
      }),
    ),
  archive: endpoint(
    'POST',
    '/projects/{project}/models/{model}/archive',
    'model.write',
    'Put a model and its policy away, or take them out again; its files stay',
  )
    .input(oneModel.extend({ archived: z.boolean() }))
    .output(done),
  sources: endpoint('GET', '/projects/{project}/model-sources', 'model.write', 'Models that can be added by name')
    .input(inProject)
    .output(z.object({ rows: z.array(source) })),
  add: endpoint('POST', '/projects/{project}/models', 'model.write', 'Add a model from the server; a job copies it')
    .input(
      inProject.extend({
        /** A name of `sources`, or the absolute path of a Hugging Face or adapter folder or a GGUF file on the server. */
        source: z.string().trim().min(1).max(1000),
        name: z.string().trim().min(1).max(100).optional(),
        licence: z.string().trim().min(1).max(100).optional(),
      }),
    )
    .output(z.object({ job: id, model: id })),
}

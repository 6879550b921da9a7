/** Datasets: what people said, as it was at one moment, in the form that trainers learn from. */
import { z } from 'zod'
import { exportedFile } from '../../assure/export/contract.ts'
import { roles } from '../../people/roles.ts'
import { endpoint, id, inProject, page, pageOf, timestamp } from '../../platform/contract.ts'

const datasetKind = z.enum(['preference', 'demonstration'])
export type DatasetKind = z.infer<typeof datasetKind>

const datasetName = z.string().trim().min(1).max(100)

export const filters = z.strictObject({
  /**
   * Preferences: the side that leads; every person's own answer; the share of people who prefer what leads; or the
   * probability of that, each vote weighed by its author's record.
   */
  rule: z.enum(['majority', 'each', 'soft', 'weighed']).default('majority'),
  /** What is compared: the whole, or one of a template's aspects. */
  attribute: z.string().min(1).max(60).default('preference'),
  minVotes: z.number().int().min(1).max(1000).default(1),
  /** Share of the votes on a pair that its most frequent answer has; by the rule `weighed`, the probability. */
  minAgreement: z.number().min(0).max(1).default(0),
  ties: z.enum(['leave-out', 'half']).default('leave-out'),
  people: z
    .strictObject({
      include: z.array(id).max(10_000).optional(),
      exclude: z.array(id).max(10_000).optional(),
      simulated: z.boolean().optional(),
      roles: z.array(z.enum(roles)).optional(),
    })
    .prefault({}),
  guidelineVersions: z.array(z.number().int().min(1)).max(1000).optional(),
  /** Prompts with any of these. */
  tags: z.array(z.string().min(1).max(200)).max(100).optional(),
  from: timestamp.optional(),
  /** Up to, and not at. */
  to: timestamp.optional(),
  /** Preferences: people alone unless said otherwise. Demonstrations: what people wrote and what was imported. */
  sources: z
    .array(z.enum(['person', 'import']))
    .min(1)
    .optional(),
  split: z
    .strictObject({
      seed: z.number().int().min(0).max(4_294_967_295).default(1),
      /** Share of prompts held out for tests. */
      test: z.number().min(0).max(0.9).default(0.1),
      /** Forget what earlier datasets held out: their tests no longer measure what is trained on this one. */
      anew: z.boolean().default(false),
    })
    .prefault({}),
})
export type FiltersInput = z.input<typeof filters>
export type Filters = z.infer<typeof filters> & { sources: ('person' | 'import')[] }

const part = z.object({ rows: z.number().int(), prompts: z.number().int() })
const lengths = z
  .object({ mean: z.number(), median: z.number().int(), p95: z.number().int(), longest: z.number().int() })
  .nullable()
const leftOut = z.object({
  tie: z.number().int(),
  fewVotes: z.number().int(),
  lowAgreement: z.number().int(),
  /** Erased, or the same text twice. */
  noText: z.number().int(),
  /** Demonstrations: an import says that another response is better. */
  worse: z.number().int(),
})

export const counts = z.object({
  rows: z.number().int(),
  splits: z.object({ train: part, test: part }),
  leftOut,
  /** Share of the votes that agree with the most frequent answer, over pairs with two votes or more; null without any. */
  agreement: z.object({ share: z.number(), pairs: z.number().int() }).nullable(),
  /** Preferences: judgements that the rows rest on, and who gave them. */
  annotations: z.object({
    all: z.number().int(),
    people: z.number().int(),
    simulatedPeople: z.number().int(),
    simulated: z.number().int(),
    imported: z.number().int(),
  }),
  guidelineVersions: z.array(z.object({ version: z.number().int().nullable(), annotations: z.number().int() })),
  /** Characters of the responses. */
  lengths: z.object({ chosen: lengths, rejected: lengths }),
  /** Share of decided pairs in which the longer response was chosen; null without any. */
  longerChosen: z.number().nullable(),
  /** Prompts of the project, groups that are kept together, prompts in groups of several, and the largest group. */
  alike: z.object({
    prompts: z.number().int(),
    groups: z.number().int(),
    alike: z.number().int(),
    largest: z.number().int(),
  }),
})
export type Counts = z.infer<typeof counts>

const listed = z.object({
  id,
  name: z.string(),
  kind: datasetKind,
  /** Of all texts and labels and of the filters: equal for equal content, wherever it lies. */
  hash: z.string(),
  rows: z.number().int(),
  train: z.number().int(),
  test: z.number().int(),
  /** What was let through, as people read it: all of it, and only what is particular to this dataset. */
  says: z.array(z.string()),
  brief: z.array(z.string()),
  simulated: z.boolean(),
  roundId: id.nullable(),
  createdAt: timestamp,
})
export type ListedDataset = z.infer<typeof listed>

const shown = listed.extend({
  filters: z.unknown(),
  counts,
  /** In Hugging Face form: a YAML header and Markdown. */
  card: z.string(),
  createdBy: z.string().nullable(),
  formats: z.array(z.string()),
})
export type ShownDataset = z.infer<typeof shown>

const row = z.object({
  row: z.number().int(),
  split: z.enum(['train', 'test']),
  promptId: id,
  prompt: z.array(z.object({ role: z.enum(['system', 'user', 'assistant']), text: z.string() })),
  chosen: z.string(),
  rejected: z.string().nullable(),
  margin: z.number().nullable(),
  soft: z.number().nullable(),
  annotations: z.array(id),
})
export type DatasetRowShown = z.infer<typeof row>

export const diff = z.object({
  from: listed,
  to: listed,
  /** Rows of the newer alone, by why. */
  added: z.object({
    rows: z.number().int(),
    /** All of it was said after the older was taken. */
    judged: z.number().int(),
    /** Some of it was. */
    votes: z.number().int(),
    /** The older's filters or rule left it out. */
    filters: z.number().int(),
  }),
  removed: z.object({
    rows: z.number().int(),
    /** A judgement that it rested on was withdrawn or corrected. */
    withdrawn: z.number().int(),
    /** Further votes: no side leads any more, or too few agree. */
    votes: z.number().int(),
    filters: z.number().int(),
  }),
  /** Pairs in both that differ; one row can differ in several ways. */
  changed: z.object({
    rows: z.number().int(),
    /** The other response is the chosen one. */
    flipped: z.number().int(),
    /** The same is chosen, by another margin or share. */
    label: z.number().int(),
    split: z.number().int(),
  }),
  same: z.number().int(),
  /** Some of the rows that differ, flips first. */
  examples: z.array(
    z.object({
      what: z.enum(['flipped', 'label', 'split', 'added', 'removed']),
      promptId: id,
      opening: z.string(),
      /** Of the newer, where it has the row; shares are of the votes for this `chosen`. */
      chosen: z.string(),
      rejected: z.string().nullable(),
      before: z.number().nullable(),
      after: z.number().nullable(),
    }),
  ),
})
export type DatasetDiff = z.infer<typeof diff>

const one = inProject.extend({ dataset: z.string().min(1).max(100) })

export const datasets = {
  list: endpoint('GET', '/projects/{project}/datasets', 'model.read', 'Datasets, newest first')
    .input(inProject.extend(page))
    .output(pageOf(listed)),
  take: endpoint('POST', '/projects/{project}/datasets', 'model.write', 'Take a dataset; a job does it')
    .input(inProject.extend({ name: datasetName.optional(), kind: datasetKind, filters: filters.prefault({}) }))
    .output(z.object({ job: id })),
  preview: endpoint(
    'POST',
    '/projects/{project}/datasets/preview',
    'model.read',
    'Count what filters let through, without taking it',
  )
    .input(inProject.extend({ kind: datasetKind, filters: filters.prefault({}) }))
    .output(
      z.object({
        rows: z.number().int(),
        prompts: z.number().int(),
        leftOut,
        /** Counted on a part of a large project, and scaled. */
        about: z.boolean(),
      }),
    ),
  show: endpoint('GET', '/projects/{project}/datasets/{dataset}', 'model.read', 'A dataset by id, name or hash')
    .input(one)
    .output(shown),
  rows: endpoint(
    'GET',
    '/projects/{project}/datasets/{dataset}/rows',
    'model.read',
    'Rows of a dataset, in their order',
  )
    .input(
      one.extend({
        split: z.enum(['train', 'test']).optional(),
        after: z.coerce.number().int().optional(),
        limit: z.coerce.number().int().min(1).max(100).default(20),
      }),
    )
    .output(z.object({ rows: z.array(row), next: z.number().int().nullable() })),
  diff: endpoint(
    'GET',
    '/projects/{project}/datasets/{dataset}/diff',
    'model.read',
    'What a dataset has that an earlier one had not, and the reverse',
  )
    .input(one.extend({ from: z.string().min(1).max(100) }))
    .output(diff),
  export: endpoint(
    'POST',
    '/projects/{project}/datasets/{dataset}/exports',
    'export',
    'Write a dataset as a file; a job does it, and the file is fetched as an export',
  )
    .input(
      one.extend({
        format: z.string().max(60),
        packing: z.enum(['jsonl', 'parquet']).default('jsonl'),
        /** Of pairs: their strength is a column `margin`, which reward trainers take into their loss. */
        margin: z.boolean().optional(),
        split: z.enum(['train', 'test']).optional(),
      }),
    )
    .output(z.object({ job: id })),
  files: endpoint('GET', '/projects/{project}/datasets/{dataset}/exports', 'export', 'Files of a dataset, newest first')
    .input(one)
    .output(z.object({ rows: z.array(exportedFile) })),
}

/** Prompts: uploads in parts, import with a preview, and the list. */
import { z } from 'zod'
import { done, endpoint, id, inProject, page, pageOf, timestamp } from '../../platform/contract.ts'

/** At most so many bytes a part; a client sends parts one after the other and repeats one that failed. */
export const partBytes = 4 * 1024 * 1024

const turn = z.object({ role: z.enum(['system', 'user', 'assistant']), content: z.string() })

/** As `formats` has it. */
export const mapping = z.object({
  prompt: z.union([z.string(), z.array(z.string())]),
  responses: z.array(z.string()),
  preferred: z
    .object({
      column: z.string(),
      means: z.record(z.string(), z.union([z.literal([1, 2]), z.enum(['tie', 'both-bad'])])).optional(),
    })
    .optional(),
  strength: z.string().optional(),
})

const inUpload = inProject.extend({ upload: id })
const choice = {
  format: z.string(),
  mapping: mapping.optional(),
}

export const importPreview = z.object({
  /** Formats that fit, the likeliest first. */
  formats: z.array(z.object({ name: z.string(), title: z.string() })),
  columns: z.array(z.string()),
  /** By column, where its first rows hold few and short ones: the values that are there. */
  values: z.record(z.string(), z.array(z.string())),
  records: z.array(
    z.object({
      line: z.number().int(),
      prompt: z.array(turn),
      responses: z.array(z.object({ content: z.string() })),
      judgement: z.unknown(),
    }),
  ),
  problems: z.array(z.object({ line: z.number().int(), column: z.number().int().optional(), reason: z.string() })),
})

/** Rows that are not taken; the first thousand by line. */
export const refusedRows = z.object({
  failed: z.array(z.object({ line: z.number().int(), reason: z.string() })),
  failedCount: z.number().int(),
})
export type Refused = z.infer<typeof refusedRows>

/** What a check of a whole file came to: `rows` can be taken. */
export const checkResult = refusedRows.extend({ rows: z.number().int() })
export type CheckResult = z.infer<typeof checkResult>

export const importResult = refusedRows.extend({
  prompts: z.number().int(),
  responses: z.number().int(),
  tasks: z.number().int(),
  judgements: z.number().int(),
  skipped: z.number().int(),
})

const promptRow = z.object({
  id,
  opening: z.string(),
  tags: z.array(z.string()),
  responses: z.number().int(),
  tasks: z.number().int(),
  createdAt: timestamp,
})
export type PromptRow = z.infer<typeof promptRow>

export const prompts = {
  formats: endpoint('GET', '/formats', 'person', 'Formats that can be imported').output(
    z.object({ rows: z.array(z.object({ name: z.string(), title: z.string() })) }),
  ),
  upload: endpoint('POST', '/projects/{project}/uploads', 'prompt.write', 'Begin an upload')
    .input(inProject.extend({ name: z.string().trim().min(1).max(300) }))
    .output(z.object({ upload: id, partBytes: z.number().int() })),
  part: endpoint(
    'PUT',
    '/projects/{project}/uploads/{upload}/parts/{part}',
    'prompt.write',
    'Send one part, 0 first; sending it again replaces it',
  )
    .input(inUpload.extend({ part: z.coerce.number().int().min(0).max(100_000), bytes: z.file().max(partBytes) }))
    .output(done),
  preview: endpoint(
    'POST',
    '/projects/{project}/uploads/{upload}/preview',
    'prompt.write',
    'First rows as they will look, and rows that fail',
  )
    .input(inUpload.extend({ format: z.string().optional(), mapping: mapping.optional() }))
    .output(importPreview),
  check: endpoint(
    'POST',
    '/projects/{project}/uploads/{upload}/check',
    'prompt.write',
    'Read an upload to its end, taking nothing: which rows fail; a job does it',
  )
    .input(inUpload.extend({ ...choice, asTasks: z.boolean().default(false) }))
    .output(z.object({ job: id })),
  import: endpoint(
    'POST',
    '/projects/{project}/uploads/{upload}/import',
    'prompt.write',
    'Import an upload; a job does it',
  )
    .input(
      inUpload.extend({
        ...choice,
        tasks: z
          .object({
            overlap: z.number().int().min(1).max(1000),
            skills: z.array(z.string()).max(20).default([]),
            priority: z.number().int().min(-1000).max(1000).default(0),
          })
          .optional(),
        tags: z.array(z.string().trim().min(1).max(60)).max(20).default([]),
        onProblem: z.enum(['keep-the-rest', 'take-nothing']).default('keep-the-rest'),
      }),
    )
    .output(z.object({ job: id })),
  discard: endpoint('DELETE', '/projects/{project}/uploads/{upload}', 'prompt.write', 'Throw an upload away')
    .input(inUpload)
    .output(done),
  list: endpoint('GET', '/projects/{project}/prompts', 'prompt.read', 'List prompts, newest first')
    .input(
      inProject.extend({
        ...page,
        search: z.string().max(200).optional(),
        tag: z.string().max(60).optional(),
        /** Only those of a group of near-duplicates. */
        alike: id.optional(),
      }),
    )
    .output(pageOf(promptRow)),
  show: endpoint(
    'GET',
    '/projects/{project}/prompts/{prompt}',
    'prompt.read',
    'A prompt with its conversation and responses',
  )
    .input(inProject.extend({ prompt: id }))
    .output(
      promptRow.extend({
        conversation: z.array(z.object({ role: turn.shape.role, text: z.string() })),
        metadata: z.record(z.string(), z.unknown()),
        answers: z.array(
          z.object({
            id,
            text: z.string().nullable(),
            author: z.string(),
            authorName: z.string().nullable(),
            /** Whether it ends at the limit of tokens. */
            cutOff: z.boolean(),
          }),
        ),
      }),
    ),
  tag: endpoint('POST', '/projects/{project}/prompts/tag', 'prompt.write', 'Add or remove tags')
    .input(
      inProject.extend({
        prompts: z.array(id).min(1).max(1000),
        add: z.array(z.string().trim().min(1).max(60)).max(20).default([]),
        remove: z.array(z.string()).max(20).default([]),
      }),
    )
    .output(z.object({ changed: z.number().int() })),
}

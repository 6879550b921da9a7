/** Gold: tasks whose right answer is known. Who may write keys may read them; who answers learns of one afterwards, if at all. */
import { z } from 'zod'
import { answer } from '../../collect/tasks/contract.ts'
import { done, endpoint, id, inProject, known, page, pageOf, timestamp } from '../../platform/contract.ts'

/** What a key says of some targets under one attribute, in the words of the kind. Nothing of how strong or why. */
export const expected = z.object({ step: z.string(), targets: z.array(id), attribute: z.string(), label: z.string() })
export type Expected = z.infer<typeof expected>

const person = z.object({ id, name: z.string() })

const goldKey = z.object({
  expected: z.array(expected),
  explanation: z.string(),
  by: person,
  at: timestamp,
})

const goldRow = goldKey.extend({
  id,
  opening: z.string(),
  /** Answers that gave everything that was expected of what they speak of. */
  right: known,
})
export type GoldRow = z.infer<typeof goldRow>

/** Where a key comes from: what most say as consensus has it, what one submission says, or answers given for the purpose. */
const keySource = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('consensus') }),
  z.object({ kind: z.literal('submission'), submission: id }),
  z.object({ kind: z.literal('answers'), answers: z.array(answer).min(1).max(200) }),
])
export type KeySource = z.infer<typeof keySource>

/** One attribute of one's answer beside what was expected. Of a pair, `first` is what stood left on the person's screen. */
const compared = z.object({
  step: z.string(),
  attribute: z.string(),
  said: z.string(),
  expected: z.string(),
  agrees: z.boolean(),
})
export const explained = z.object({ agrees: z.boolean(), compared: z.array(compared), explanation: z.string() })
export type Explained = z.infer<typeof explained>

const inTask = inProject.extend({ task: id })
const ofTask = '/projects/{project}/tasks/{task}/gold'

export const gold = {
  list: endpoint('GET', '/projects/{project}/gold', 'review', 'Gold tasks with their keys, the newest task first')
    .input(inProject.extend(page))
    .output(pageOf(goldRow)),
  show: endpoint('GET', ofTask, 'review', 'The key of a task, and what it could be taken from')
    .input(inTask)
    .output(
      z.object({
        key: goldKey.nullable(),
        consensus: z.array(expected),
        submissions: z.array(
          z.object({ submission: id, person, isCorrection: z.boolean(), expected: z.array(expected) }),
        ),
      }),
    ),
  set: endpoint('PUT', ofTask, 'review', 'Make a task gold, or change its key', {
    description: 'Its answers measure people from now on and train nothing. `overlap` can only be raised.',
  })
    .input(
      inTask.extend({
        from: keySource,
        /** What counts of it; everything where it is not given. */
        only: z
          .array(expected.pick({ step: true, attribute: true }))
          .min(1)
          .max(200)
          .optional(),
        explanation: z.string().trim().max(5000).default(''),
        /** How many people answer the task. */
        overlap: z.number().int().min(1).max(1000).optional(),
      }),
    )
    .output(goldKey),
  remove: endpoint('DELETE', ofTask, 'review', 'The task is gold no longer; it is for what it was for before')
    .input(inTask)
    .output(done),
  explain: endpoint(
    'POST',
    '/projects/{project}/submissions/{submission}/gold',
    'annotate',
    'Whether one’s own answer was the expected one, and why',
    {
      description:
        '`gold` is null where the task is not gold or the settings of the project keep it from people. From here on this answer is the one that counts.',
    },
  )
    .input(inProject.extend({ submission: id }))
    .output(z.object({ gold: explained.nullable() })),
}

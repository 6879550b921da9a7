/** Tasks: the annotator's work (claim, draft, submit, undo, skip, flag) and the lead's view of it. */
import { z } from 'zod'
import { anyOf, done, endpoint, id, inProject, page, pageOf, timestamp } from '../../platform/contract.ts'
import { step } from '../templates/rules.ts'

/** Where tasks stand that the program makes; smaller comes first. By hand a task may be put anywhere. */
export const priorities = { usual: 0, round: -1, evaluation: -2 } as const

export const purposes = ['label', 'gold', 'review', 'calibration', 'evaluation', 're-annotation'] as const
/** What an annotator says of a task in place of an answer, or beside it. */
export const reports = ['flagged', 'skipped'] as const
export const taskStates = ['open', 'handed-out', 'answered', 'withdrawn'] as const

const turn = z.object({ role: z.enum(['system', 'user', 'assistant']), text: z.string() })

/** A response to judge. No id: an id made at import would tell which response came first. */
const workTarget = z.object({ text: z.string() })
export type WorkTarget = z.infer<typeof workTarget>

export const answer = z.object({
  step: z.string().max(60),
  on: z.number().int().min(0).max(100).optional(),
  payload: z.unknown(),
})

const lease = z.object({ id, task: id, leaseUntil: timestamp })

/** All that an annotator receives of a task. An allow-list: no models, sources, keys of gold, or other people's answers. */
export const work = z.object({
  assignment: lease,
  project: z.object({ id, name: z.string() }),
  guidelineVersion: z.number().int().nullable(),
  steps: z.array(step),
  conversation: z.array(turn),
  targets: z.array(workTarget),
  /** What it holds of the things that the project calls sensitive: said before it is shown. */
  contains: z.array(z.string()),
  /** Indices into `targets`, left to right. */
  order: z.array(z.number().int()),
  draft: z.unknown(),
  draftRevision: z.number().int(),
  /** Why a reviewer gave it back; the answer is the draft. */
  returned: z.string().nullable(),
})
export type Work = z.infer<typeof work>

export const claimed = z.union([
  work,
  z.object({ assignment: z.null(), reason: z.enum(['empty', 'daily-cap']).default('empty') }),
])

const inAssignment = z.object({ assignment: id })

const personShown = z.object({ id, name: z.string(), simulated: z.boolean() })

/** Which tasks: those that match all that is said here. */
const taskFilter = z.object({
  state: anyOf(z.enum(taskStates)),
  purpose: anyOf(z.enum(purposes)),
  search: z.string().max(200).optional(),
  /** Who answered them; what was skipped or given back is not among them. */
  person: anyOf(id),
  /** Flagged and not yet resolved, or skipped, by anybody. */
  reported: anyOf(z.enum(reports)),
  /** With an answer in force that was given under this version of the guideline. */
  guideline: anyOf(z.coerce.number().int().min(1).max(1_000_000)),
  /** Made by this round of the loop. */
  round: id.optional(),
})
export type TaskFilter = z.infer<typeof taskFilter>

const taskRow = z.object({
  id,
  state: z.enum(taskStates),
  purpose: z.enum(purposes),
  template: z.string(),
  opening: z.string(),
  overlap: z.number().int(),
  answered: z.number().int(),
  remaining: z.number().int(),
  priority: z.number().int(),
  /** Open flags, and why it was skipped. */
  reported: z.array(z.object({ how: z.enum(reports), person: personShown, reason: z.string() })),
  createdAt: timestamp,
})
export type TaskRow = z.infer<typeof taskRow>

/** A problem that somebody reported; `resolved` once somebody has dealt with it. */
const taskFlag = z.object({
  id,
  person: personShown,
  reason: z.string(),
  at: timestamp,
  resolved: z.object({ by: z.string(), at: timestamp, note: z.string() }).nullable(),
})
export type TaskFlag = z.infer<typeof taskFlag>

export const annotationView = z.object({
  id,
  submission: id.nullable(),
  person: personShown.nullable(),
  source: z.enum(['person', 'import']),
  step: z.string(),
  kind: z.string(),
  targets: z.array(id),
  payload: z.unknown(),
  supersedes: id.nullable(),
  withdrawn: z.boolean(),
  inForce: z.boolean(),
  guidelineVersion: z.number().int().nullable(),
  at: timestamp,
  activeMs: z.number().nullable(),
})

export const tasks = {
  claim: endpoint('POST', '/projects/{project}/claim', 'annotate', 'Claim the next task', {
    description: 'Hands out one slot of one task under a lease. `assignment` is null when there is nothing to do.',
  })
    .input(inProject)
    .output(claimed),
  held: endpoint('GET', '/projects/{project}/work', 'annotate', 'Tasks that the caller holds, with their drafts')
    .input(inProject)
    .output(z.object({ rows: z.array(work) })),
  submit: endpoint('POST', '/assignments/{assignment}/submit', 'person', 'Submit the answers to a task', {
    inputStructure: 'detailed',
    description: 'Idempotent by the header `Idempotency-Key`: the same key answers with the same submission.',
  })
    .input(
      z.object({
        params: inAssignment,
        headers: z.looseObject({ 'idempotency-key': z.string().min(1).max(200) }),
        body: z.object({
          annotations: z.array(answer).min(1).max(200),
          activeMs: z.number().int().min(0).max(86_400_000),
          openedAt: timestamp.optional(),
        }),
      }),
    )
    .output(z.object({ submission: id })),
  withdraw: endpoint(
    'POST',
    '/submissions/{submission}/withdraw',
    'person',
    'Undo one’s own submission; the task is held again',
  )
    .input(z.object({ submission: id }))
    .output(work),
  draft: endpoint(
    'PUT',
    '/assignments/{assignment}/draft',
    'person',
    'Keep a draft; an older revision never overwrites a newer one',
  )
    .input(inAssignment.extend({ draft: z.unknown(), revision: z.number().int().min(1).max(1_000_000_000) }))
    .output(z.object({ revision: z.number().int() })),
  renew: endpoint('POST', '/assignments/{assignment}/renew', 'person', 'Extend the lease')
    .input(inAssignment)
    .output(z.object({ leaseUntil: timestamp })),
  skip: endpoint('POST', '/assignments/{assignment}/skip', 'person', 'Skip a task; it goes to someone else')
    .input(inAssignment.extend({ reason: z.string().trim().min(1).max(500) }))
    .output(done),
  release: endpoint(
    'POST',
    '/assignments/{assignment}/release',
    'person',
    'Give a task back unjudged, as when the window closes',
  )
    .input(inAssignment)
    .output(done),
  flag: endpoint(
    'POST',
    '/assignments/{assignment}/flag',
    'person',
    'Report a problem with a task that one holds or has answered; it stands before the lead until it is resolved',
  )
    .input(inAssignment.extend({ reason: z.string().trim().min(1).max(1000) }))
    .output(done),
  progress: endpoint(
    'GET',
    '/projects/{project}/progress',
    'annotate',
    'What the caller has done today, and what is left',
  )
    .input(inProject)
    .output(
      z.object({
        today: z.number().int(),
        activeMsToday: z.number().int(),
        open: z.number().int(),
        capReached: z.boolean(),
      }),
    ),
  list: endpoint('GET', '/projects/{project}/tasks', 'task.read', 'List tasks')
    .input(inProject.extend({ ...page, ...taskFilter.shape }))
    .output(pageOf(taskRow)),
  count: endpoint('GET', '/projects/{project}/task-count', 'task.read', 'How many tasks match')
    .input(inProject.extend(taskFilter.shape))
    .output(z.object({ tasks: z.number().int() })),
  show: endpoint('GET', '/projects/{project}/tasks/{task}', 'task.read', 'Show a task with its history')
    .input(inProject.extend({ task: id }))
    .output(
      taskRow.omit({ reported: true }).extend({
        steps: z.array(step),
        conversation: z.array(turn),
        targets: z.array(
          z.object({ id, text: z.string().nullable(), author: z.string(), authorName: z.string().nullable() }),
        ),
        annotations: z.array(annotationView),
        assignments: z.array(
          z.object({
            id,
            person: personShown,
            state: z.enum(['leased', 'answered', 'expired', 'skipped', 'given-back', 'returned']),
            claimedAt: timestamp,
            skipReason: z.string().nullable(),
          }),
        ),
        flags: z.array(taskFlag),
      }),
    ),
  resolve: endpoint(
    'POST',
    '/projects/{project}/flags/{flag}/resolve',
    'task.write',
    'Close what somebody reported of a task; whoever reported it reads the note',
  )
    .input(inProject.extend({ flag: id, note: z.string().trim().min(1).max(1000) }))
    .output(done),
  change: endpoint(
    'POST',
    '/projects/{project}/tasks/change',
    'task.write',
    'Re-prioritise, withdraw or restore tasks',
    {
      description:
        'Those named in `tasks`, or all that match `matching`, 100,000 at most. What matches is one row of the audit log.',
    },
  )
    .input(
      inProject.extend({
        tasks: z.array(id).min(1).max(1000).optional(),
        matching: taskFilter.optional(),
        priority: z.number().int().min(-1000).max(1000).optional(),
        withdrawn: z.boolean().optional(),
      }),
    )
    .output(z.object({ changed: z.number().int() })),
}

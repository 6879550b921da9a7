/** What an annotator receives, and the rule by which an answer is taken. Shared by the work screen's API and by review. */

import { allowed } from '../../people/roles.ts'
import type { Platform } from '../../platform/context.ts'
import { fail } from '../../platform/errors.ts'
import { newId } from '../../platform/ids.ts'
import { type Db, inTransaction } from '../../platform/sql.ts'
import { together } from '../../platform/together.ts'
import { type Answer, type Judgement, judge } from '../templates/rules.ts'
import { loadTemplate } from '../templates/store.ts'
import type { Work } from './contract.ts'
import { orderOf } from './order.ts'
import { retakeSlot } from './queue.ts'
import { assignmentState } from './states.ts'
import {
  type AssignedTask,
  annotationsOf,
  type EarlierSubmission,
  findToAnswer,
  loadShown,
  lockAssignment,
  type ShownTask,
  submissionsOf,
} from './store.ts'
import { type NewAnnotation, type NewSubmission, sendSubmission, writeSubmission } from './submission.ts'

/** Builds what an annotator sees, field by field: nothing comes along that is not named here. */
async function toWork(db: Db, shown: ShownTask): Promise<Work> {
  const template = await loadTemplate(db, shown.templateId, shown.templateVersion)
  return {
    assignment: { id: shown.assignment, task: shown.task, leaseUntil: shown.leaseUntil.toISOString() },
    project: { id: shown.project, name: shown.projectName },
    guidelineVersion: shown.guidelineVersion,
    steps: template.steps,
    conversation: shown.conversation.map(({ role, text }) => ({ role, text })),
    targets: shown.texts.map((text) => ({ text })),
    contains: shown.contains,
    order: orderOf(shown.seed, shown.texts.length),
    draft: shown.draft,
    draftRevision: shown.draftRevision,
    returned: shown.returned,
  }
}

export async function worksOf(db: Db, assignments: string[]): Promise<Work[]> {
  if (!assignments.length) return []
  const shown = await loadShown(db, assignments)
  return Promise.all(shown.map((one) => toWork(db, one)))
}

const shownOf = together(async (db, assignments: string[]) => {
  const found = new Map((await loadShown(db, assignments)).map((shown) => [shown.assignment, shown]))
  return assignments.map((assignment) => found.get(assignment))
})

/** What the person who was just handed an assignment sees of it. */
export async function workOf(db: Db, assignment: string): Promise<Work> {
  const shown = await shownOf(db, assignment)
  if (!shown) throw new Error('an assignment that is there has nothing to show')
  return toWork(db, shown)
}

/** The assignment, where it is this person's, who still belongs to its project; there the person must still be one who annotates. */
export function ownOr404<Held extends AssignedTask>(
  held: Held | undefined,
  person: string,
  keyProject?: string | null,
): Held {
  if (!held?.role || held.person !== person || (keyProject && keyProject !== held.project))
    return fail('not_found', 'There is no such assignment, or it is not yours.', { where: 'assignment' })
  if (!allowed[held.role].has('annotate'))
    fail('forbidden', `Your role in this project (${held.role}) does not allow this (annotate).`)
  return held
}

export interface Submit {
  assignment: string
  person: string
  /** What an API key is narrowed to. */
  keyProject?: string | null
  key: string
  answers: Answer[]
  activeMs: number
  openedAt?: string
}

/** Throws unless the person still has the right to answer; takes an expired slot back where nobody else has it. */
async function holdSlot(trx: Db, held: AssignedTask): Promise<void> {
  if (held.state === assignmentState.leased || held.state === assignmentState.returned) return
  const gaveUp = held.state === assignmentState.expired || held.state === assignmentState.givenBack
  if (gaveUp && (await retakeSlot(trx, held.task))) return
  if (held.state === assignmentState.answered)
    fail('conflict', 'This task is already answered.', {
      hint: 'It was answered before, or in another tab. Take that answer back to give another.',
    })
  fail('lease_lost', 'The time for this task ran out and it was given to someone else.', {
    hint: 'Your answer is still on this screen; ask the lead if it must be kept.',
  })
}

/** Judgements as rows; each supersedes what `old` said of the same targets in the same step. */
export function toAnnotations(
  judgements: Judgement[],
  old: { id: string; step: string; targets: string[] }[],
): NewAnnotation[] {
  const ids = judgements.map(() => newId())
  return judgements.map(({ step, kindVersion, targets, payload, parent }, i) => ({
    id: ids[i]!,
    step: step.key,
    kind: step.kind,
    kindVersion,
    targets,
    parent: parent === undefined ? null : ids[parent]!,
    supersedes: old.find((one) => one.step === step.key && String(one.targets) === String(targets))?.id ?? null,
    payload,
  }))
}

const sameKey = (earlier: EarlierSubmission[], key: string) => earlier.find((one) => one.key === key)

/** The assignment, where it is this person's to answer; undefined: nothing that anybody may know of. */
function toAnswer<Held extends AssignedTask>(held: Held | undefined, { person, keyProject }: Submit): Held {
  const own = ownOr404(held, person, keyProject)
  if (own.purpose === 'review')
    fail('bad_input', 'This is a review: it is decided, not answered.', { where: 'assignment' })
  return own
}

/** Holds the answers against the template: what is to be written. Judged under the guideline and order that were shown. */
async function composed(
  db: Db,
  sent: Submit,
  held: AssignedTask,
  replaced: string | undefined,
  at: Date,
): Promise<NewSubmission> {
  const template = await loadTemplate(db, held.templateId, held.templateVersion)
  const judgements = judge(template.steps, held, sent.answers)
  const old = replaced ? await annotationsOf(db, replaced) : []
  return {
    id: newId(),
    assignment: held,
    task: held.task,
    person: sent.person,
    key: sent.key,
    supersedes: replaced ?? null,
    activeMs: sent.activeMs,
    openedAt: sent.openedAt ?? null,
    at,
    shown: { seed: held.seed, order: orderOf(held.seed, held.targets.length), blinded: true, assistance: [] },
    annotations: toAnnotations(judgements, old),
    counts: !replaced,
  }
}

/** Any answer, its assignment locked meanwhile: a late one, one that replaces another, one that is sent twice at once. */
const submitLocked = (platform: Platform, sent: Submit): Promise<string> =>
  inTransaction(platform.db, async (trx) => {
    const held = toAnswer(await lockAssignment(trx, sent.assignment), sent)
    const earlier = await submissionsOf(trx, sent.assignment)
    const same = sameKey(earlier, sent.key)
    if (same) return same.id
    await holdSlot(trx, held)
    const replaced = earlier.findLast((one) => !one.withdrawn)
    const written = await composed(trx, sent, held, replaced?.id, platform.clock())
    await writeSubmission(trx, written)
    return written.id
  })

/**
 * Takes a submission: idempotent by key, late ones by rule. The usual answer, to a task that is held and has no answer in
 * force, is written only while that is still so; whatever else comes is taken under a lock.
 */
export async function submit(platform: Platform, sent: Submit): Promise<string> {
  const held = toAnswer(await findToAnswer(platform.db, sent.assignment), sent)
  const same = sameKey(held.earlier, sent.key)
  if (same) return same.id
  if (held.state === assignmentState.leased) {
    const written = await composed(platform.db, sent, held, undefined, platform.clock())
    if (await sendSubmission(platform.db, written)) return written.id
  }
  return submitLocked(platform, sent)
}

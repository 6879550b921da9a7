/** What an annotator receives, and the rule by which an answer is taken. Shared by the work screen's API and by review. */

import { recordAudit } from '../../platform/audit.ts'
import type { Platform } from '../../platform/context.ts'
import { fail } from '../../platform/errors.ts'
import { emit } from '../../platform/events.ts'
import { newId } from '../../platform/ids.ts'
import { type Db, inTransaction } from '../../platform/sql.ts'
import { type Answer, type Judgement, judge } from '../templates/rules.ts'
import { loadTemplate } from '../templates/store.ts'
import type { Work } from './contract.ts'
import { orderOf } from './order.ts'
import { assignmentState, retakeSlot } from './queue.ts'
import {
  type AssignedTask,
  annotationsOf,
  loadShown,
  lockAssignment,
  type NewAnnotation,
  type ShownTask,
  submissionsOf,
  writeSubmission,
} from './store.ts'

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

/** The assignment, where it is this person's and the person still belongs to its project. */
export function ownOr404(held: AssignedTask | undefined, person: string, keyProject?: string | null): AssignedTask {
  if (!held?.isMember || held.person !== person || (keyProject && keyProject !== held.project))
    return fail('not_found', 'There is no such assignment, or it is not yours.', { where: 'assignment' })
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
      hint: 'Undo the answer first, or send it with the same Idempotency-Key.',
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

/**
 * Takes a submission: idempotent by key, late ones by rule. Judged under the guideline and order that were shown.
 * One transaction holds the answers, the end of the lease, the event and the audit row.
 */
export const submit = (
  platform: Platform,
  { assignment, person, keyProject, key, answers, activeMs, openedAt }: Submit,
): Promise<string> =>
  inTransaction(platform.db, async (trx) => {
    const held = ownOr404(await lockAssignment(trx, assignment), person, keyProject)
    if (held.purpose === 'review')
      fail('bad_input', 'This is a review: it is decided, not answered.', { where: 'assignment' })
    const earlier = await submissionsOf(trx, assignment)
    const same = earlier.find((one) => one.key === key)
    if (same) return same.id
    await holdSlot(trx, held)
    const template = await loadTemplate(trx, held.templateId, held.templateVersion)
    const judgements = judge(template.steps, held, answers)
    const replaced = earlier.findLast((one) => !one.withdrawn)
    const old = replaced ? await annotationsOf(trx, replaced.id) : []
    const id = newId()
    const at = platform.clock()
    await writeSubmission(trx, {
      id,
      assignment: held,
      person,
      key,
      supersedes: replaced?.id ?? null,
      activeMs,
      openedAt: openedAt ?? null,
      at,
      shown: { seed: held.seed, order: orderOf(held.seed, held.targets.length), blinded: true, assistance: [] },
      annotations: toAnnotations(judgements, old),
      counts: !replaced,
    })
    await committed(trx, held, id, person, at)
    return id
  })

/** Tells followers and the audit log of a submission, in its own transaction. */
export async function committed(
  trx: Db,
  held: AssignedTask,
  submission: string,
  person: string,
  at: Date,
): Promise<void> {
  await emit(trx, {
    project: held.project,
    kind: 'annotation.committed',
    subject: submission,
    data: { task: held.task, person, purpose: held.purpose },
  })
  await recordAudit(
    trx,
    [
      {
        actor: person,
        action: 'annotation.commit',
        subject: `submission ${submission}`,
        project: held.project,
        after: { task: held.task },
      },
    ],
    at,
  )
}

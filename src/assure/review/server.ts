import { implement } from '@orpc/server'
import { claim, returnToAuthor, setPriority, setWithdrawn } from '../../collect/tasks/queue.ts'
import { assignmentState } from '../../collect/tasks/states.ts'
import { annotationsOf, findAssignment, lockAssignment, lockSubmission } from '../../collect/tasks/store.ts'
import { type NewSubmission, writeSubmission } from '../../collect/tasks/submission.ts'
import { toAnnotations, worksOf } from '../../collect/tasks/work.ts'
import { judge } from '../../collect/templates/rules.ts'
import { loadTemplate } from '../../collect/templates/store.ts'
import { authorised } from '../../people/access.ts'
import { recordAudit } from '../../platform/audit.ts'
import type { CallContext } from '../../platform/context.ts'
import { fail } from '../../platform/errors.ts'
import { emit } from '../../platform/events.ts'
import { newId } from '../../platform/ids.ts'
import { type Db, inTransaction } from '../../platform/sql.ts'
import { reviews as contract } from './contract.ts'
import {
  addReview,
  addReviewTask,
  endReview,
  findReviewed,
  heldReview,
  listReviews,
  reviewedBy,
  reviewTaskOf,
  waitingReviews,
} from './store.ts'

const os = implement(contract).$context<CallContext>().use(authorised)

/** The priority of what somebody asks to be reviewed: before what was drawn. */
const ahead = -1

const missing = (): never => fail('not_found', 'There is no such review, or it is not yours.', { where: 'assignment' })

/** The answers of a submission in the form in which they were sent. */
async function answersOf(db: Db, submission: string, targets: string[]) {
  const annotations = await annotationsOf(db, submission)
  return annotations.map(({ step, targets: judged, payload }) => {
    const on = judged.length === 1 ? targets.indexOf(judged[0]!) : -1
    return on > 0 ? { step, on, payload } : { step, payload }
  })
}

export const reviews = os.router({
  claim: os.claim.handler(async ({ input: { project }, context: { platform, caller, skills } }) => {
    const { db } = platform
    const now = platform.clock()
    // Whoever left the page comes back to the same answer: it would be nobody's until the lease ran out.
    const lease =
      (await heldReview(db, project, caller.id, now)) ??
      (await claim(db, { person: caller.id, project, role: 'reviewer', skills }, now))
    if (!lease) return { assignment: null }
    const [[work], held, reviewed] = await Promise.all([
      worksOf(db, [lease.id]),
      findAssignment(db, lease.id),
      reviewedBy(db, lease.id),
    ])
    return { ...work!, answers: await answersOf(db, reviewed!.submission, held!.targets) }
  }),

  decide: os.decide.handler(async ({ input, context: { platform, caller } }) => {
    const at = platform.clock()
    const id = await inTransaction(platform.db, async (trx) => {
      const held = await lockAssignment(trx, input.assignment)
      const reviewed = held && (await reviewedBy(trx, input.assignment))
      if (!held || !reviewed || held.person !== caller.id || held.project !== input.project) return missing()
      if (held.state !== assignmentState.leased)
        fail('lease_lost', 'This review is no longer yours: it was decided, or its time ran out.')
      const { submission } = reviewed
      // Its author cannot undo it from here on.
      await lockSubmission(trx, submission)
      if (!(await findReviewed(trx, held.project, submission)))
        fail('gone', 'The author has undone this answer meanwhile.')
      let correction: string | null = null
      if (input.verdict === 'correct') {
        if (!input.answers?.length) fail('bad_input', 'A correction needs the corrected answers.', { where: 'answers' })
        const template = await loadTemplate(trx, held.templateId, held.templateVersion)
        const judgements = judge(template.steps, held, input.answers)
        correction = newId()
        const written: NewSubmission = {
          id: correction,
          assignment: held,
          // The correction speaks of the author's task: consensus and exports find it there.
          task: reviewed.task,
          person: caller.id,
          key: `review ${held.assignment}`,
          supersedes: submission,
          activeMs: input.activeMs,
          openedAt: input.openedAt ?? null,
          at,
          // A reviewer sees the responses as they are stored.
          shown: {
            seed: held.seed,
            order: held.targets.map((_, at) => at),
            review: true,
            blinded: true,
            assistance: [],
          },
          annotations: toAnnotations(judgements, await annotationsOf(trx, submission)),
          counts: true,
        }
        await writeSubmission(trx, written)
      } else await endReview(trx, held.assignment)
      if (input.verdict === 'return') {
        if (!input.reason) fail('bad_input', 'Say why it is returned: the author reads it.', { where: 'reason' })
        if (!(await returnToAuthor(trx, submission, input.reason)))
          fail('conflict', 'The author is already at work on it again.')
      }
      const review = newId()
      await addReview(trx, {
        id: review,
        project: held.project,
        submission,
        task: reviewed.task,
        reviewer: caller.id,
        assignment: held.assignment,
        verdict: input.verdict,
        reason: input.reason,
        correction,
        at,
      })
      await emit(trx, {
        project: held.project,
        kind: 'review.decided',
        subject: review,
        data: { submission, task: reviewed.task, verdict: input.verdict },
      })
      await recordAudit(
        trx,
        [
          {
            actor: caller.id,
            action: `review.${input.verdict}`,
            subject: `submission ${submission}`,
            project: held.project,
            after: { review, correction },
          },
        ],
        at,
      )
      return review
    })
    platform.wake()
    return { review: id }
  }),

  request: os.request.handler(async ({ input: { project, submission }, context: { platform, caller } }) => {
    const task = await inTransaction(platform.db, async (trx) => {
      await lockSubmission(trx, submission)
      const reviewed =
        (await findReviewed(trx, project, submission)) ??
        fail('not_found', 'There is no such submission.', { where: 'submission' })
      const known = await reviewTaskOf(trx, submission)
      if (known?.isDecided) fail('conflict', 'This answer was reviewed already.', { where: 'submission' })
      const task = known?.id ?? (await addReviewTask(trx, reviewed, ahead))
      if (known) {
        await setWithdrawn(trx, project, [task], false)
        await setPriority(trx, project, [task], ahead)
      }
      await recordAudit(
        trx,
        [{ actor: caller.id, action: 'review.request', subject: `submission ${submission}`, project }],
        platform.clock(),
      )
      return task
    })
    return { task }
  }),

  list: os.list.handler(({ input, context: { platform } }) => listReviews(platform.db, input)),

  queue: os.queue.handler(async ({ input: { project }, context: { platform, caller } }) => ({
    waiting: await waitingReviews(platform.db, project, caller.id, platform.clock()),
  })),
})

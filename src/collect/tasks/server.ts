import { implement } from '@orpc/server'
import { authorised } from '../../people/access.ts'
import { recordAudit } from '../../platform/audit.ts'
import type { CallContext, Caller, Platform } from '../../platform/context.ts'
import { fail } from '../../platform/errors.ts'
import { emit } from '../../platform/events.ts'
import { publish } from '../../platform/live.ts'
import { type Db, inTransaction } from '../../platform/sql.ts'
import { tasks as contract } from './contract.ts'
import { isCapped, workToday } from './daily-cap.ts'
import { addFlag, resolveFlag } from './flags.ts'
import { countTasks, findTask, listTasks, tasksMatching } from './list.ts'
import { type Claimant, claim, heldLeases, release, renew, setPriority, setWithdrawn } from './queue.ts'
import { assignmentState } from './states.ts'
import {
  type AssignedTask,
  findAssignment,
  lockAssignment,
  lockSubmission,
  openTasks,
  saveDraft,
  withdrawSubmission,
} from './store.ts'
import { ownOr404, submit, workOf, worksOf } from './work.ts'

const os = implement(contract).$context<CallContext>().use(authorised)

/** More than a person can work on at once: a client that claims and never answers gets its oldest task again. */
const mostHeld = 20
const undoWindowMs = 10 * 60_000
/** Of what matches: each is locked until all are changed, and nobody is handed one meanwhile. */
const mostChanged = 100_000

/** Open lists of tasks are read again. */
const tellLists = (trx: Db, project: string) => publish(trx, { project, action: 'task.read', topic: 'tasks', data: {} })

/** The caller's own assignment, while the caller is still a member of the project. */
const ownAssignment = async (platform: Platform, assignment: string, caller: Caller): Promise<AssignedTask> =>
  ownOr404(await findAssignment(platform.db, assignment), caller.id, caller.keyProject)

export const tasks = os.router({
  claim: os.claim.handler(async ({ input: { project }, context: { platform, caller, skills } }) => {
    const { db } = platform
    const now = platform.clock()
    if (await isCapped(platform, caller.id, project)) return { assignment: null, reason: 'daily-cap' as const }
    const claimant: Claimant = { person: caller.id, project, role: 'annotator', skills }
    const lease = await claim(db, claimant, now, mostHeld)
    return lease ? workOf(db, lease.id) : { assignment: null, reason: 'empty' as const }
  }),

  held: os.held.handler(async ({ input: { project }, context: { platform, caller } }) => {
    const held = await heldLeases(platform.db, caller.id, project)
    return {
      rows: await worksOf(
        platform.db,
        held.map((lease) => lease.id),
      ),
    }
  }),

  submit: os.submit.handler(async ({ input: { params, headers, body }, context: { platform, caller } }) => {
    const submission = await submit(platform, {
      assignment: params.assignment,
      person: caller.id,
      keyProject: caller.keyProject,
      key: headers['idempotency-key'],
      answers: body.annotations,
      activeMs: body.activeMs,
      openedAt: body.openedAt,
    })
    platform.wake()
    return { submission }
  }),

  withdraw: os.withdraw.handler(async ({ input: { submission }, context: { platform, caller } }) => {
    const now = platform.clock()
    const assignment = await inTransaction(platform.db, async (trx) => {
      const own = await lockSubmission(trx, submission)
      if (!own || own.person !== caller.id) return fail('not_found', 'There is no such submission, or it is not yours.')
      const held = ownOr404(await lockAssignment(trx, own.assignment), caller.id, caller.keyProject)
      if (held.purpose === 'review')
        fail('bad_input', 'This is a review: what was decided is not undone.', { where: 'submission' })
      if (own.withdrawn) return own.assignment
      if (own.isReplaced)
        fail('conflict', 'Another answer has taken the place of this one: it can no longer be undone.', {
          where: 'submission',
        })
      if (now.getTime() - own.sentAt.getTime() > undoWindowMs)
        fail('gone', 'It is too late to undo this answer.', {
          hint: 'Report it under My work, and a reviewer can return it to you.',
        })
      await withdrawSubmission(trx, own, new Date(now.getTime() + undoWindowMs), now)
      await emit(trx, {
        project: held.project,
        kind: 'annotation.withdrawn',
        subject: submission,
        data: { task: held.task, person: caller.id, purpose: held.purpose },
      })
      await recordAudit(
        trx,
        [
          {
            actor: caller.id,
            action: 'annotation.withdraw',
            subject: `submission ${submission}`,
            project: held.project,
          },
        ],
        now,
      )
      return own.assignment
    })
    platform.wake()
    const [work] = await worksOf(platform.db, [assignment])
    return work!
  }),

  draft: os.draft.handler(async ({ input: { assignment, draft, revision }, context: { platform, caller } }) => {
    const held = await ownAssignment(platform, assignment, caller)
    const saved = await saveDraft(platform.db, assignment, caller.id, draft, revision)
    return saved ?? { revision: held.draftRevision }
  }),

  renew: os.renew.handler(async ({ input: { assignment }, context: { platform, caller } }) => {
    await ownAssignment(platform, assignment, caller)
    const until = await renew(platform.db, assignment, caller.id, platform.clock())
    if (!until)
      return fail('lease_lost', 'This task is no longer held.', {
        hint: 'Submit anyway: it is kept unless someone else has it.',
      })
    return { leaseUntil: until.toISOString() }
  }),

  skip: os.skip.handler(async ({ input: { assignment, reason }, context: { platform, caller } }) => {
    await ownAssignment(platform, assignment, caller)
    const ended = await release(platform.db, assignment, caller.id, { state: assignmentState.skipped, reason })
    if (!ended) fail('conflict', 'This task is not held any more.')
    return { ok: true as const }
  }),

  release: os.release.handler(async ({ input: { assignment }, context: { platform, caller } }) => {
    await ownAssignment(platform, assignment, caller)
    await release(platform.db, assignment, caller.id, { state: assignmentState.givenBack })
    return { ok: true as const }
  }),

  flag: os.flag.handler(async ({ input: { assignment, reason }, context: { platform, caller } }) => {
    const held = await ownAssignment(platform, assignment, caller)
    const now = platform.clock()
    await inTransaction(platform.db, async (trx) => {
      await addFlag(trx, held, reason, now)
      await tellLists(trx, held.project)
      await recordAudit(
        trx,
        [{ actor: caller.id, action: 'task.flag', subject: `task ${held.task}`, project: held.project, after: reason }],
        now,
      )
    })
    return { ok: true as const }
  }),

  resolve: os.resolve.handler(async ({ input: { project, flag, note }, context: { platform, caller } }) => {
    const at = platform.clock()
    await inTransaction(platform.db, async (trx) => {
      const task =
        (await resolveFlag(trx, { project, flag, by: caller.id, note, at })) ??
        fail('not_found', 'There is no such report, or it is resolved already.', { where: 'flag' })
      await tellLists(trx, project)
      const entry = {
        actor: caller.id,
        action: 'task.resolve',
        subject: `task ${task}`,
        project,
        after: { flag, note },
      }
      await recordAudit(trx, [entry], at)
    })
    return { ok: true as const }
  }),

  progress: os.progress.handler(async ({ input: { project }, context: { platform, caller } }) => {
    const [{ answers, activeMs }, open, capReached] = await Promise.all([
      workToday(platform, caller.id, project),
      openTasks(platform.db, project),
      isCapped(platform, caller.id, project),
    ])
    return { today: answers, activeMsToday: activeMs, open, capReached }
  }),

  list: os.list.handler(async ({ input, context: { platform } }) => listTasks(platform.db, input)),

  count: os.count.handler(async ({ input, context: { platform } }) => ({
    tasks: await countTasks(platform.db, input),
  })),

  show: os.show.handler(
    async ({ input: { project, task }, context: { platform } }) =>
      (await findTask(platform.db, project, task)) ?? fail('not_found', 'There is no such task.', { where: 'task' }),
  ),

  change: os.change.handler(
    async ({ input: { project, tasks: named, matching, priority, withdrawn }, context: { platform, caller } }) => {
      if ((named === undefined) === (matching === undefined))
        fail('bad_input', 'Either name the tasks, or say what they match.', { where: 'tasks' })
      const changed = await inTransaction(platform.db, async (trx) => {
        const ids = named ?? (await tasksMatching(trx, { project, ...matching }, mostChanged + 1))
        if (ids.length > mostChanged)
          fail('bad_input', 'More tasks match than can be changed at once.', {
            where: 'matching',
            hint: `Narrow it to ${mostChanged} or fewer.`,
          })
        const moved = priority === undefined ? [] : await setPriority(trx, project, ids, priority)
        const turned = withdrawn === undefined ? [] : await setWithdrawn(trx, project, ids, withdrawn)
        const touched = [...new Set([...moved, ...turned])]
        const action = withdrawn === undefined ? 'task.prioritise' : withdrawn ? 'task.withdraw' : 'task.restore'
        const entry = { actor: caller.id, action, project }
        await recordAudit(
          trx,
          matching
            ? [{ ...entry, subject: `project ${project}`, after: { priority, withdrawn, tasks: touched.sort() } }]
            : touched.map((id) => ({ ...entry, subject: `task ${id}`, after: { priority, withdrawn } })),
          platform.clock(),
        )
        return touched.length
      })
      return { changed }
    },
  ),
})

import { implement } from '@orpc/server'
import { raiseOverlap } from '../../collect/tasks/queue.ts'
import { judge } from '../../collect/templates/rules.ts'
import { loadTemplate } from '../../collect/templates/store.ts'
import { authorised } from '../../people/access.ts'
import { recordAudit } from '../../platform/audit.ts'
import type { CallContext } from '../../platform/context.ts'
import { fail } from '../../platform/errors.ts'
import { type Db, inTransaction, pageFrom } from '../../platform/sql.ts'
import { findProject } from '../../projects/store.ts'
import { estimateShare } from '../../stats/share.ts'
import { consensusOfTasks } from '../consensus/read.ts'
import { gold as contract, type Expected, type KeySource } from './contract.ts'
import { explainedOf, marked } from './read.ts'
import { expectedOf } from './rules.ts'
import {
  findKey,
  type GoldTask,
  goldAnswers,
  isTask,
  listKeys,
  lockTask,
  noteExplained,
  notePurpose,
  ownAnswer,
  removeKey,
  type SaidInForce,
  saidOfTask,
  setKey,
} from './store.ts'

const os = implement(contract).$context<CallContext>().use(authorised)

const noTask = (): never => fail('not_found', 'There is no such task.', { where: 'task' })

/** What consensus has decided; where the leading labels tie, it says nothing. */
const decided = async (db: Db, task: string): Promise<Expected[]> =>
  (await consensusOfTasks(db, [task])).flatMap(({ step, targets, attribute, label }) =>
    label === null ? [] : [{ step, targets, attribute, label }],
  )

const submissionsOf = (said: SaidInForce[]) =>
  [...new Set(said.map(({ submission }) => submission))].map((submission) => {
    const own = said.filter((one) => one.submission === submission)
    const { person, isCorrection } = own[0]!
    return { submission, person, isCorrection, expected: expectedOf(own) }
  })

/** What a key says that is taken from there, and the submissions that it rests on. */
async function keyFrom(trx: Db, task: GoldTask, from: KeySource): Promise<{ says: Expected[]; madeOf: string[] }> {
  if (from.kind === 'answers') {
    const { steps } = await loadTemplate(trx, task.template, task.version)
    const judgements = judge(steps, task, from.answers)
    const says = judgements.map(({ step, targets, payload }) => ({ step: step.key, kind: step.kind, targets, payload }))
    return { says: expectedOf(says), madeOf: [] }
  }
  const given = submissionsOf(await saidOfTask(trx, task.id))
  if (from.kind === 'consensus')
    return { says: await decided(trx, task.id), madeOf: given.map(({ submission }) => submission) }
  const chosen =
    given.find(({ submission }) => submission === from.submission) ??
    fail('not_found', 'The task has no such answer in force.', { where: 'from.submission' })
  return { says: chosen.expected, madeOf: [chosen.submission] }
}

export const gold = os.router({
  list: os.list.handler(async ({ input: { project, after, limit }, context: { platform } }) => {
    const found = await listKeys(platform.db, project, { after, limit: limit + 1 })
    const { rows: page, next } = pageFrom(found, limit, ({ id }) => id)
    const tasks = page.map(({ id }) => id)
    const answers = marked(await goldAnswers(platform.db, project, { tasks, limit: 50_000 }))
    return {
      rows: page.map((row) => {
        const own = answers.filter(({ task }) => task === row.id)
        const right = own.filter((answer) => answer.right).length
        return {
          ...row,
          right: own.length ? estimateShare(right / own.length, own.length) : { undefined: 'not answered yet' },
        }
      }),
      next,
    }
  }),

  show: os.show.handler(async ({ input: { project, task }, context: { platform } }) => {
    const { db } = platform
    if (!(await isTask(db, project, task))) return noTask()
    const [key, consensus, said] = await Promise.all([findKey(db, task), decided(db, task), saidOfTask(db, task)])
    return { key: key ?? null, consensus, submissions: submissionsOf(said) }
  }),

  set: os.set.handler(async ({ input, context: { platform, caller } }) =>
    inTransaction(platform.db, async (trx) => {
      const { project, explanation, overlap, only } = input
      const task = (await lockTask(trx, project, input.task)) ?? noTask()
      if (task.purpose === 'review' || task.purpose === 'evaluation')
        fail('bad_input', `A task of purpose ${task.purpose} cannot be gold.`, {
          where: 'task',
          hint: 'It measures something else already. Make one of the same pair for people to answer.',
        })
      const { says, madeOf } = await keyFrom(trx, task, input.from)
      const counts = ({ step, attribute }: Expected) =>
        only?.some((one) => one.step === step && one.attribute === attribute) ?? true
      const expected = says.filter(counts)
      if (!expected.length)
        fail('bad_input', 'This says nothing that an answer could be held against.', {
          where: only ? 'only' : 'from',
          hint: 'Take an answer as the key, or give one by hand.',
        })
      const at = platform.clock()
      const before = await findKey(trx, task.id)
      await setKey(trx, { task: task.id, project, expected, explanation, madeOf, by: caller.id, at })
      if (!before) await notePurpose(trx, project, task.id)
      if (overlap !== undefined) await raiseOverlap(trx, [task.id], overlap)
      const after = (await findKey(trx, task.id))!
      const entry = { actor: caller.id, action: 'gold.set', subject: `task ${task.id}`, project, before, after }
      await recordAudit(trx, [entry], at)
      return after
    }),
  ),

  remove: os.remove.handler(async ({ input, context: { platform, caller } }) =>
    inTransaction(platform.db, async (trx) => {
      const { id: task } = (await lockTask(trx, input.project, input.task)) ?? noTask()
      const before = await findKey(trx, task)
      if (!(await removeKey(trx, task))) fail('not_found', 'This task has no key.', { where: 'task' })
      await notePurpose(trx, input.project, task)
      const entry = {
        actor: caller.id,
        action: 'gold.remove',
        subject: `task ${task}`,
        project: input.project,
        before,
      }
      await recordAudit(trx, [entry], platform.clock())
      return { ok: true as const }
    }),
  ),

  explain: os.explain.handler(async ({ input: { project, submission }, context: { platform, caller } }) => {
    const { db } = platform
    const own =
      (await ownAnswer(db, { project, submission, person: caller.id })) ??
      fail('not_found', 'There is no such submission, or it is not yours.', { where: 'submission' })
    const { settings } = (await findProject(db, project, 'annotator'))!
    if (!settings.explainGold || !own.expected || own.withdrawn) return { gold: null }
    const gold = explainedOf(own)
    if (gold)
      await inTransaction(db, async (trx) => {
        const at = platform.clock()
        const entry = { actor: caller.id, action: 'gold.explain', subject: `submission ${submission}`, project }
        if (await noteExplained(trx, own.assignment, submission, at)) await recordAudit(trx, [entry], at)
      })
    return { gold }
  }),
})

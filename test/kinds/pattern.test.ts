/** The pattern holds: a kind from outside and a template of two steps go from claim to export without another edit. */
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { consensusFollower } from '../../src/assure/consensus/store.ts'
import { openExport } from '../../src/assure/export/formats.ts'
import { kinds } from '../../src/collect/kinds/index.ts'
import { writePromptBatch } from '../../src/collect/prompts/write.ts'
import { claim } from '../../src/collect/tasks/queue.ts'
import { submit, worksOf } from '../../src/collect/tasks/work.ts'
import { questionsOf, type Step } from '../../src/collect/templates/rules.ts'
import { routeFor, saveTemplate } from '../../src/collect/templates/store.ts'
import { catchUp } from '../../src/platform/events.ts'
import { all } from '../../src/platform/sql.ts'
import { addProject, saltOf } from '../../src/projects/store.ts'
import { consensusOfProject } from '../consensus.ts'
import { addPerson, join, somePrompts, type TestProject, testProject } from '../project.ts'
import { acceptable } from './acceptable/rules.ts'

kinds.acceptable = { rules: acceptable, screen: () => Promise.reject(new Error('not shown in this test')) }

const steps: Step[] = [
  { key: 'compare', kind: 'compare', settings: {}, target: 'pair', required: true },
  {
    key: 'winner',
    kind: 'acceptable',
    settings: { askWhy: true },
    target: { chosenBy: 'compare' },
    required: true,
    shownIf: { step: 'compare', attribute: 'preference', not: ['tie', 'both_bad'] },
  },
]

let at: TestProject
let project: string
let person: string
beforeAll(async () => {
  at = await testProject({ tasks: 0, annotators: 0 })
  project = await addProject(at.db, { name: 'Two steps' }, undefined)
  const salt = await saltOf(at.db, project)
  await at.db.transaction().execute(async (trx) => {
    const template = await saveTemplate(trx, project, 'Compare, then the winner', steps)
    const route = await routeFor(trx, project)
    await writePromptBatch(trx, { project, salt, at: new Date() }, somePrompts(3), {
      template,
      route,
      overlap: 1,
      purpose: 'label',
    })
  })
  const annotator = await addPerson(at.db, 'Annotator')
  await join(at.db, project, annotator, 'annotator')
  person = annotator.id
})
afterAll(() => at.database.close())

const next = async () => (await claim(at.db, { person, project, role: 'annotator', skills: [] }, at.clock.read()))!
const send = (assignment: string, answers: { step: string; payload: unknown }[]) =>
  submit(at.platform, { assignment, person, key: assignment, answers, activeMs: 5 })
const subject = { prompt: 'p', targets: ['0', '1'] }

it('asks the second question only where the two differ, and about the one that was chosen', () => {
  const asked = (payload?: unknown) =>
    questionsOf(steps, subject, payload ? [{ step: 'compare', payload }] : []).map(({ step, targets }) => [
      step.key,
      ...targets,
    ])
  expect(asked()).toEqual([['compare', '0', '1']])
  expect(asked({ strength: 0 })).toEqual([['compare', '0', '1']])
  expect(asked({ bothBad: true })).toEqual([['compare', '0', '1']])
  expect(asked({ strength: -2 })).toEqual([
    ['compare', '0', '1'],
    ['winner', '0'],
  ])
  expect(asked({ strength: 1 })).toEqual([
    ['compare', '0', '1'],
    ['winner', '1'],
  ])
})

describe('from claim to export', () => {
  it('refuses what is missing, what is not asked, and what the settings of the kind forbid, each by its place', async () => {
    const lease = await next()
    const refused = (answers: { step: string; payload: unknown }[]) => expect(send(lease.id, answers)).rejects
    await refused([{ step: 'compare', payload: { strength: 2 } }]).toMatchObject({
      code: 'bad_input',
      where: 'annotations.winner',
    })
    await refused([
      { step: 'compare', payload: { strength: 0 } },
      { step: 'winner', payload: { acceptable: true, why: 'x' } },
    ]).toMatchObject({ code: 'bad_input', where: 'annotations.winner' })
    await refused([
      { step: 'compare', payload: { strength: 2 } },
      { step: 'winner', payload: { acceptable: true } },
    ]).toMatchObject({ where: 'annotations.winner.payload.why' })
    await send(lease.id, [
      { step: 'compare', payload: { strength: 2 } },
      { step: 'winner', payload: { acceptable: false, why: 'wrong number' } },
    ])
    await send((await next()).id, [{ step: 'compare', payload: { strength: 0 } }])
    const [work] = await worksOf(at.db, [(await next()).id])
    expect(work!.steps.map(({ key }) => key)).toEqual(['compare', 'winner'])
  })

  it('links the second judgement to the first and to the response that it chose', async () => {
    const rows = await all(
      at.db,
      sql<{ step: string; targets: string[]; parent: string | null; order: string[] }>`
        SELECT a.step, a.targets, p.step AS parent, t.targets AS "order" FROM annotations a
        JOIN tasks t ON t.id = a.task_id LEFT JOIN annotations p ON p.id = a.parent_annotation ORDER BY a.id`,
    )
    const winner = rows.find((row) => row.step === 'winner')!
    expect(winner.parent).toBe('compare')
    expect(winner.targets).toEqual([winner.order[1]])
  })

  it('comes out of consensus and of both exports', async () => {
    await catchUp(at.db, [consensusFollower])
    const consensus = await consensusOfProject(at.db, project)
    expect(consensus.map(({ step, attribute, label }) => [step, attribute, label])).toEqual(
      expect.arrayContaining([
        ['compare', 'preference', 'second'],
        ['compare', 'preference', 'tie'],
        ['winner', 'acceptable', 'no'],
      ]),
    )
    const textOf = async (format: string) => {
      let text = ''
      for await (const chunk of openExport(at.db, { project, format }).bytes) text += Buffer.from(chunk).toString()
      return text
    }
    const lines = (await textOf('annotations'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines.map(({ step, kind }) => `${step} ${kind}`).sort()).toEqual([
      'compare compare',
      'compare compare',
      'winner acceptable',
    ])
    expect(await textOf('annotations-csv')).toContain('wrong number')
    const [pair, ...others] = (await textOf('trl-preference'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(others).toEqual([])
    expect(Object.keys(pair)).toEqual(expect.arrayContaining(['prompt', 'chosen', 'rejected']))
  })
})

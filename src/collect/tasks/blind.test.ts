/** What annotators receive holds nothing that would unblind them: no model, no source, no ids that tell an order. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestHttp, testHttp } from '../../../test/http.ts'
import { addMember, type TestPerson, type TestProject, testProject } from '../../../test/project.ts'
import { formatNamed } from '../../formats/index.ts'
import { changeProject } from '../../projects/store.ts'
import { importFile } from '../prompts/import.ts'

const canary = 'canary-7f3a'
let at: TestProject
let http: TestHttp
let ada: TestPerson
beforeAll(async () => {
  at = await testProject({ tasks: 0, annotators: 0 })
  http = await testHttp(at)
  ada = await addMember(at, 'Ada', 'annotator')
  const rows = Array.from({ length: 4 }, (_, i) =>
    JSON.stringify({
      prompt: `Question ${i}`,
      chosen: `yes ${i}`,
      rejected: `no ${i}`,
      chosen_model: `${canary}-a`,
      source: canary,
      score_chosen: 9,
    }),
  )
  await importFile(at.db, {
    project: at.project,
    format: formatNamed('trl-preference'),
    async *open() {
      yield Buffer.from(rows.join('\n'))
    },
    tasks: { overlap: 1 },
    onProblem: 'keep-the-rest',
    actor: 'operator',
    clock: at.clock.read,
  })
})
afterAll(() => at.database.close())

const call = (method: string, path: string, body?: unknown, key = 'k') =>
  http.call(method, path, { key: ada.key, body, headers: { 'idempotency-key': key } })

it('in everything that the work of a task brings along', async () => {
  const claimed = await call('POST', `/projects/${at.project}/claim`, {})
  const { id } = claimed.body.assignment as { id: string }
  const answers = [
    claimed,
    await call('GET', `/projects/${at.project}/work`),
    await call('PUT', `/assignments/${id}/draft`, { draft: [], revision: 1 }),
    await call('POST', `/assignments/${id}/renew`, {}),
    await call('POST', `/assignments/${id}/submit`, {
      annotations: [{ step: 'compare', payload: { strength: 1 } }],
      activeMs: 1,
    }),
    await call('GET', `/projects/${at.project}/progress`),
    await call('GET', `/projects/${at.project}/quality/mine`),
    await call('GET', '/me'),
  ]
  for (const { status, body } of answers) {
    expect(status).toBe(200)
    expect(JSON.stringify(body)).not.toMatch(/canary|chosen|rejected|purpose|gold|score|latency|token/i)
  }
  const { rows } = await at.database.pool.query('SELECT id FROM messages WHERE project_id = $1', [at.project])
  for (const { id: message } of rows) expect(JSON.stringify(answers.map(({ body }) => body))).not.toContain(message)
})

it('no key of gold before the answer, and after it only where the project says so', async () => {
  const lead = await addMember(at, 'Lea', 'lead')
  const { rows: open } = await at.database.pool.query('SELECT task_id AS id FROM queue WHERE state = 0')
  for (const { id } of open) {
    const { status } = await http.call('PUT', `/projects/${at.project}/tasks/${id}/gold`, {
      key: lead.key,
      body: {
        from: { kind: 'answers', answers: [{ step: 'compare', payload: { strength: 3 } }] },
        explanation: canary,
      },
    })
    expect(status).toBe(200)
  }
  const claimed = await call('POST', `/projects/${at.project}/claim`, {})
  const { id, task } = claimed.body.assignment as { id: string; task: string }
  const before = [
    claimed,
    await call('GET', `/projects/${at.project}/work`),
    await call('GET', `/projects/${at.project}/my-answers`),
    await call('GET', `/projects/${at.project}/quality/mine`),
    await call('GET', `/projects/${at.project}/progress`),
    await call('POST', `/assignments/${id}/renew`, {}),
  ]
  for (const { status, body } of before) {
    expect(status).toBe(200)
    expect(JSON.stringify(body)).not.toMatch(/canary|gold|expected|explanation|purpose/i)
  }
  // Neither the key itself, nor by way of an answer that was not given, nor of the assignment.
  for (const method of ['GET', 'PUT', 'DELETE'])
    expect(
      (await call(method, `/projects/${at.project}/tasks/${task}/gold`, method === 'PUT' ? {} : undefined)).status,
    ).toBe(403)
  expect((await call('GET', `/projects/${at.project}/gold`)).status).toBe(403)
  const explain = (submission: string) => call('POST', `/projects/${at.project}/submissions/${submission}/gold`, {})
  await changeProject(at.db, at.project, { settings: { explainGold: true } })
  for (const unknown of [id, task]) expect((await explain(unknown)).status).toBe(404)
  const sent = await call(
    'POST',
    `/assignments/${id}/submit`,
    { annotations: [{ step: 'compare', payload: { strength: 1 } }], activeMs: 1 },
    'gold',
  )
  expect(Object.keys(sent.body)).toEqual(['submission'])
  await changeProject(at.db, at.project, { settings: { explainGold: false } })
  expect((await explain(sent.body.submission as string)).body).toEqual({ gold: null })
  await changeProject(at.db, at.project, { settings: { explainGold: true } })
  expect((await explain(sent.body.submission as string)).body.gold).toMatchObject({ agrees: true, explanation: canary })
})

it('and every list of the project is closed to an annotator', async () => {
  for (const path of ['tasks', 'prompts', 'samples', 'reviews', 'policies', 'exports', 'members'])
    expect((await call('GET', `/projects/${at.project}/${path}`)).status).toBe(403)
})

it('says what a task contains where the project calls it sensitive, and no other tag', async () => {
  await at.database.pool.query(`UPDATE prompts SET tags = ARRAY['violence', '${canary}'] WHERE project_id = $1`, [
    at.project,
  ])
  const contains = async () => {
    const { body } = await call('GET', `/projects/${at.project}/work`)
    return (body.rows as { contains: string[] }[]).map((work) => work.contains)
  }
  await call('POST', `/projects/${at.project}/claim`, {})
  expect(await contains()).toEqual([[]])
  await changeProject(at.db, at.project, { settings: { sensitiveTags: ['violence', 'grief'] } })
  expect(await contains()).toEqual([['violence']])
})

import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestHttp, testHttp } from '../../../test/http.ts'
import { addMember, type TestPerson, type TestProject, testProject } from '../../../test/project.ts'
import { claim, enqueue } from '../../collect/tasks/queue.ts'
import { submit } from '../../collect/tasks/work.ts'
import { catchUp } from '../../platform/events.ts'
import { newId } from '../../platform/ids.ts'
import type { JobRun } from '../../platform/jobs.ts'
import { all, one } from '../../platform/sql.ts'
import { refitNext } from '../consensus/refit.ts'
import { consensusFollower } from '../consensus/store.ts'
import { openExport } from './formats.ts'
import { preferencePairs } from './pairs.ts'
import { exportJob } from './server.ts'

describe('a project with answers', () => {
  let at: TestProject
  let http: TestHttp
  let engineer: TestPerson
  beforeAll(async () => {
    at = await testProject({ tasks: 5, overlap: 3, annotators: 3 })
    http = await testHttp(at)
    engineer = await addMember(at, 'engineer', 'engineer')
    for (const [who, person] of at.annotators.entries())
      for (;;) {
        const { body } = await http.call('POST', `/projects/${at.project}/claim`, { key: person.key, body: {} })
        const assignment = body.assignment as { id: string } | null
        if (!assignment) break
        // Two against one everywhere.
        const payload = { strength: who === 2 ? 2 : -2, comment: who === 0 ? '=HYPERLINK("x")' : undefined }
        await http.call('POST', `/assignments/${assignment.id}/submit`, {
          key: person.key,
          body: { annotations: [{ step: 'compare', payload }], activeMs: 5 },
          headers: { 'idempotency-key': assignment.id },
        })
      }
    http.platform.jobs.handle('export', exportJob(http.platform))
    await http.platform.jobs.run()
  })
  afterAll(async () => {
    await http.platform.jobs.stop()
    await at.database.close()
  })

  const textOf = async (format: string) => {
    const { bytes, rows } = openExport(at.db, { project: at.project, format })
    let text = ''
    for await (const chunk of bytes) text += Buffer.from(chunk).toString()
    return { text, rows: rows() }
  }

  it('is exported pair by pair, as the majority sees it', async () => {
    const { text, rows } = await textOf('trl-preference')
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(rows).toBe(5)
    const stored = await at.database.pool.query('SELECT text FROM tasks t JOIN messages m ON m.id = t.targets[1]')
    expect(lines.map(({ chosen }) => chosen).sort()).toEqual(stored.rows.map(({ text }) => text).sort())
  })

  it('carries how probable it is that what was chosen is better, once consensus has followed', async () => {
    await catchUp(at.db, [consensusFollower])
    await refitNext(at.db)
    const { text } = await textOf('trl-preference')
    for (const line of text.trim().split('\n')) {
      const { posterior, agreement } = JSON.parse(line)
      expect(agreement).toBeCloseTo(2 / 3, 9)
      expect(posterior).toBeGreaterThan(agreement)
      expect(posterior).toBeLessThan(1)
    }
  })

  it.each(['trl-preference-implicit', 'trl-preference-conversational', 'hh'])(
    'has as many rows as %s',
    async (format) => {
      expect((await textOf(format)).text.trim().split('\n')).toHaveLength(5)
    },
  )

  it('never starts a formula in a spreadsheet', async () => {
    const { text, rows } = await textOf('annotations-csv')
    expect(rows).toBe(15)
    expect(text).toContain('HYPERLINK')
    for (const cell of text.split(/[,\n]/)) expect(cell).not.toMatch(/^"?[=+@]/)
  })

  it('names a format that is not there, with those that are', async () => {
    const { status, body } = await http.call('POST', `/projects/${at.project}/exports`, {
      key: engineer.key,
      body: { format: 'xml' },
    })
    expect([status, body.code, body.where]).toEqual([400, 'bad_input', 'format'])
    expect(body.hint).toContain('trl-preference')
  })

  it('is written by a job and fetched in parts', async () => {
    const { body } = await http.call('POST', `/projects/${at.project}/exports`, {
      key: engineer.key,
      body: { format: 'annotations' },
    })
    await expect
      .poll(
        async () => (await one(at.db, sql<{ state: string }>`SELECT state FROM jobs WHERE id = ${body.job}`)).state,
        { timeout: 20_000 },
      )
      .toBe('done')
    const listed = await http.call('GET', `/projects/${at.project}/exports`, { key: engineer.key })
    expect(listed.body.rows).toMatchObject([{ id: body.job, rows: 15, parts: 1 }])
    const part = await http.app.request(`http://127.0.0.1/api/projects/${at.project}/exports/${body.job}/parts/0`, {
      headers: { authorization: `Bearer ${engineer.key}` },
    })
    expect(await part.text()).toBe((await textOf('annotations')).text)
    expect(
      (await http.call('GET', `/projects/${at.project}/exports/${body.job}/parts/1`, { key: engineer.key })).status,
    ).toBe(404)
  })

  it('is written again where its process died after the last part, and what was left half is thrown away', async () => {
    const id = newId()
    const signal = new AbortController().signal
    const run = { id, project: at.project, signal, progress: () => {} } as unknown as JobRun
    const write = () => exportJob(http.platform)({ ...run, input: { format: 'annotations' } })
    expect(await write()).toMatchObject({ rows: 15 })
    const left = newId()
    await sql`INSERT INTO export_parts (export_id, part, bytes) VALUES (${left}, 0, '')`.execute(at.db)
    expect(await write()).toMatchObject({ rows: 15 })
    const parts = await all(at.db, sql<{ id: string }>`SELECT DISTINCT export_id AS id FROM export_parts`)
    expect(parts.map((part) => part.id)).toContain(id)
    expect(parts.map((part) => part.id)).not.toContain(left)
  })
})

it('has one record of a pair that two tasks asked for, however many tasks lie between them', async () => {
  const at = await testProject({ tasks: 501, annotators: 2 })
  const first = sql`SELECT task_id FROM queue ORDER BY position LIMIT 1`
  const { id, route } = await one(
    at.db,
    sql<{ id: string; route: number }>`
      INSERT INTO tasks (id, project_id, template_id, template_version, purpose, route, prompt_id, targets, overlap)
      SELECT ${newId()}, project_id, template_id, template_version, 're-annotation', route, prompt_id, targets, 1
      FROM tasks WHERE id = (${first}) RETURNING id, route`,
  )
  await enqueue(at.db, [{ task: id, project: at.project, route, priority: -1, overlap: 1 }])
  for (const { id: person } of at.annotators) {
    const lease = await claim(at.db, { person, project: at.project, role: 'annotator', skills: [] }, at.clock.read())
    const answers = [{ step: 'compare', payload: { strength: 1 } }]
    await submit(at.platform, { assignment: lease!.id, person, key: 'once', answers, activeMs: 5 })
  }
  const records = []
  for await (const record of preferencePairs(at.db, at.project)) records.push(record)
  expect(records).toMatchObject([{ metadata: { votes: 2 } }])
  await at.database.close()
})

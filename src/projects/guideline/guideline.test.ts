import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestHttp, testHttp } from '../../../test/http.ts'
import { addMember, type TestPerson, type TestProject, testProject } from '../../../test/project.ts'
import { type Clause, difference } from './rules.ts'

const clause = (id: string, text = 'Be kind.', more: Partial<Clause> = {}): Clause => ({
  id,
  title: id,
  text,
  examples: [],
  ...more,
})

describe('the difference of two versions', () => {
  it('goes by clause ids: a moved clause has not changed, a reworded one has', () => {
    const before = [clause('1'), clause('2'), clause('3')]
    const after = [clause('3'), clause('1', 'Be kind and brief.'), clause('4')]
    expect(difference(before, after)).toEqual({ added: ['4'], removed: ['2'], changed: ['1'] })
    expect(difference(before, [...before].reverse())).toEqual({ added: [], removed: [], changed: [] })
  })
  it('sees an example that came to a clause', () => {
    const example = { verdict: 'bad' as const, text: 'Go away.', why: '' }
    expect(difference([clause('1')], [clause('1', 'Be kind.', { examples: [example] })]).changed).toEqual(['1'])
  })
})

describe('writing and publishing', () => {
  let at: TestProject
  let http: TestHttp
  let lead: TestPerson
  beforeAll(async () => {
    at = await testProject({ tasks: 2 })
    http = await testHttp(at)
    lead = await addMember(at, 'lead', 'lead')
  })
  afterAll(() => at.database.close())
  const call = (method: string, path: string, body?: unknown, key = lead.key) =>
    http.call(method, `/projects/${at.project}${path}`, { key, body })

  it('refuses what is no guideline: two clauses of one id, an empty one', async () => {
    const twice = await call('PUT', '/guideline/draft', { clauses: [clause('1'), clause('1')], revision: 0 })
    expect(twice.body).toMatchObject({ code: 'bad_input', where: 'clauses.1.id' })
    expect((await call('POST', '/guideline/publish', { note: 'x', revision: 0 })).body).toMatchObject({
      code: 'bad_input',
      where: 'clauses',
    })
  })

  it('keeps two editors from overwriting each other unseen', async () => {
    expect((await call('PUT', '/guideline/draft', { clauses: [clause('1')], revision: 0 })).body).toMatchObject({
      revision: 1,
    })
    expect((await call('PUT', '/guideline/draft', { clauses: [clause('2')], revision: 0 })).body).toMatchObject({
      code: 'conflict',
      where: 'revision',
    })
    expect((await call('GET', '/guideline/draft')).body).toMatchObject({ revision: 1, clauses: [{ id: '1' }] })
  })

  it('records the version in force on every answer, and says which answers a new one touches', async () => {
    expect((await call('POST', '/guideline/publish', { note: 'first', revision: 1 })).body).toMatchObject({
      version: 1,
    })
    const annotator = at.annotators[0]!
    const work = (await call('POST', '/claim', {}, annotator.key)).body
    expect(work.guidelineVersion).toBe(1)
    const { id } = work.assignment as { id: string }
    await http.call('POST', `/assignments/${id}/submit`, {
      key: annotator.key,
      body: { annotations: [{ step: 'compare', payload: { strength: 1 } }], activeMs: 1 },
      headers: { 'idempotency-key': 'k' },
    })
    await call('PUT', '/guideline/draft', { clauses: [clause('1', 'Be kind, always.')], revision: 1 })
    expect((await call('GET', '/guideline/impact')).body).toEqual({
      added: [],
      removed: [],
      changed: ['1'],
      answers: [{ version: 1, answers: 1, touched: true }],
    })
    await call('POST', '/guideline/publish', { note: 'second', revision: 2 })
    // The old words once more touch nobody who judged by them.
    await call('PUT', '/guideline/draft', { clauses: [clause('1')], revision: 2 })
    expect((await call('GET', '/guideline/impact')).body).toMatchObject({
      changed: ['1'],
      answers: [{ version: 1, answers: 1, touched: false }],
    })
    const under = async (version: number) =>
      ((await call('GET', `/tasks?guideline=${version}`)).body.rows as { answered: number }[]).map(
        (row) => row.answered,
      )
    expect(await Promise.all([under(1), under(2)])).toEqual([[1], []])
    const { rows } = await at.database.pool.query(
      'SELECT guideline_version FROM annotations WHERE assignment_id = $1',
      [id],
    )
    expect(rows).toEqual([{ guideline_version: 1 }])
    expect((await call('GET', '/guideline/versions/1')).body).toMatchObject({ clauses: [{ text: 'Be kind.' }] })
    expect((await call('POST', '/claim', {}, annotator.key)).body.guidelineVersion).toBe(2)
  })
})

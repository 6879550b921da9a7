/** Every endpoint, for every role, in one's own project, in another's and in none: an endpoint without an expectation fails. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { contract } from '../src/contract.ts'
import { accessTable } from '../src/platform/http/openapi.ts'
import { newId } from '../src/platform/ids.ts'
import { addProject } from '../src/projects/store.ts'
import { type TestHttp, testHttp } from './http.ts'
import { addMember, addPerson, type TestPerson, type TestProject, testProject } from './project.ts'

const callers = ['owner', 'lead', 'engineer', 'reviewer', 'annotator', 'viewer', 'stranger', 'nobody'] as const
type Caller = (typeof callers)[number]

/** Who may call what. `public`: anyone; `signed-in`: any person; otherwise those roles. Written by hand on purpose. */
const leads = 'owner lead'
const builders = 'owner lead engineer'
const readers = 'owner lead engineer reviewer viewer'
const modelReaders = 'owner lead engineer viewer'
const workers = 'owner lead engineer reviewer annotator'
const everyRole = 'owner lead engineer reviewer annotator viewer'
const expected: Record<string, string> = {
  'GET /sign-in': 'public',
  'GET /invitations/{token}': 'public',
  'POST /invitations/{token}/accept': 'public',
  'GET /me': 'signed-in',
  'PATCH /me': 'signed-in',
  'POST /me/password': 'signed-in',
  'GET /me/sessions': 'signed-in',
  'DELETE /me/sessions/{session}': 'signed-in',
  'POST /me/sessions/end-others': 'signed-in',
  'GET /me/keys': 'signed-in',
  'POST /me/keys': 'signed-in',
  'DELETE /me/keys/{key}': 'signed-in',
  'GET /people': 'owner',
  'GET /people/{person}': 'owner',
  'PATCH /people/{person}': 'owner',
  'POST /people/{person}/password-link': 'owner',
  'GET /projects': 'signed-in',
  'POST /projects': 'signed-in',
  'GET /formats': 'signed-in',
  'GET /export-formats': 'signed-in',
  'GET /live': 'signed-in',
  'GET /me/jobs': 'signed-in',
  'GET /projects/{project}': readers,
  'PATCH /projects/{project}': leads,
  'POST /projects/{project}/archive': leads,
  'GET /projects/{project}/members': 'owner lead engineer reviewer',
  'GET /projects/{project}/members/{person}': 'owner lead engineer reviewer',
  'PATCH /projects/{project}/members/{person}': leads,
  'DELETE /projects/{project}/members/{person}': leads,
  'GET /projects/{project}/invitations': leads,
  'POST /projects/{project}/invitations': leads,
  'DELETE /projects/{project}/invitations/{invitation}': leads,
  'GET /projects/{project}/guideline/draft': leads,
  'PUT /projects/{project}/guideline/draft': leads,
  'GET /projects/{project}/guideline/impact': leads,
  'POST /projects/{project}/guideline/publish': leads,
  'GET /projects/{project}/guideline/versions': everyRole,
  'GET /projects/{project}/guideline/versions/{version}': everyRole,
  'GET /projects/{project}/models': modelReaders,
  'POST /projects/{project}/models': builders,
  'GET /projects/{project}/models/{model}': modelReaders,
  'POST /projects/{project}/models/{model}/archive': builders,
  'GET /projects/{project}/model-sources': builders,
  'GET /projects/{project}/policies': builders,
  'POST /projects/{project}/policies': builders,
  'PATCH /projects/{project}/policies/{policy}': builders,
  'POST /projects/{project}/policies/{policy}/archive': builders,
  'POST /projects/{project}/policies/{policy}/test': builders,
  'POST /projects/{project}/uploads': builders,
  'PUT /projects/{project}/uploads/{upload}/parts/{part}': builders,
  'POST /projects/{project}/uploads/{upload}/preview': builders,
  'POST /projects/{project}/uploads/{upload}/check': builders,
  'POST /projects/{project}/uploads/{upload}/import': builders,
  'DELETE /projects/{project}/uploads/{upload}': builders,
  'GET /projects/{project}/my-answers': workers,
  'GET /projects/{project}/rounds': readers,
  'POST /projects/{project}/rounds': builders,
  'GET /projects/{project}/rounds/{round}': readers,
  'POST /projects/{project}/rounds/foresee': builders,
  'POST /projects/{project}/rounds/{round}/retry': builders,
  'POST /projects/{project}/rounds/{round}/ask-more': builders,
  'POST /projects/{project}/rounds/{round}/go-on': builders,
  'POST /projects/{project}/rounds/{round}/close': builders,
  'GET /projects/{project}/prompts': readers,
  'GET /projects/{project}/prompts/{prompt}': readers,
  'POST /projects/{project}/prompts/tag': builders,
  'GET /projects/{project}/prompt-duplicates': readers,
  'POST /projects/{project}/prompt-duplicates': builders,
  'POST /projects/{project}/samples': builders,
  'GET /projects/{project}/samples': readers,
  'POST /projects/{project}/samples/{job}/retry': builders,
  'GET /projects/{project}/templates': readers,
  'PUT /projects/{project}/templates/{template}': leads,
  'POST /projects/{project}/tasks': builders,
  'GET /projects/{project}/tasks': readers,
  'GET /projects/{project}/tasks/{task}': readers,
  'GET /projects/{project}/task-count': readers,
  'POST /projects/{project}/flags/{flag}/resolve': builders,
  'POST /projects/{project}/tasks/change': builders,
  'POST /projects/{project}/claim': workers,
  'GET /projects/{project}/work': workers,
  'GET /projects/{project}/progress': workers,
  'POST /assignments/{assignment}/submit': 'signed-in',
  'POST /submissions/{submission}/withdraw': 'signed-in',
  'PUT /assignments/{assignment}/draft': 'signed-in',
  'POST /assignments/{assignment}/renew': 'signed-in',
  'POST /assignments/{assignment}/skip': 'signed-in',
  'POST /assignments/{assignment}/release': 'signed-in',
  'POST /assignments/{assignment}/flag': 'signed-in',
  'POST /projects/{project}/reviews/claim': 'owner lead reviewer',
  'POST /projects/{project}/reviews/{assignment}': 'owner lead reviewer',
  'POST /projects/{project}/submissions/{submission}/review': 'owner lead reviewer',
  'GET /projects/{project}/reviews': readers,
  'GET /projects/{project}/reviews/queue': 'owner lead reviewer',
  'GET /projects/{project}/gold': 'owner lead reviewer',
  'GET /projects/{project}/tasks/{task}/consensus': readers,
  'GET /projects/{project}/tasks/{task}/gold': 'owner lead reviewer',
  'PUT /projects/{project}/tasks/{task}/gold': 'owner lead reviewer',
  'DELETE /projects/{project}/tasks/{task}/gold': 'owner lead reviewer',
  'POST /projects/{project}/submissions/{submission}/gold': workers,
  'GET /projects/{project}/quality/agreement': readers,
  'GET /projects/{project}/quality/pairs': readers,
  'GET /projects/{project}/quality/contested': readers,
  'GET /projects/{project}/quality/bias': readers,
  'GET /projects/{project}/quality/people': readers,
  'GET /projects/{project}/quality/suspects': readers,
  'GET /projects/{project}/quality/drift': readers,
  'GET /projects/{project}/quality/groups': readers,
  'GET /projects/{project}/quality/gold': readers,
  'GET /projects/{project}/quality/mine': workers,
  'GET /projects/{project}/reward': modelReaders,
  'GET /projects/{project}/reward/disagreements': modelReaders,
  'POST /projects/{project}/reward/score': modelReaders,
  'GET /projects/{project}/reward/choice': modelReaders,
  'GET /projects/{project}/datasets': modelReaders,
  'POST /projects/{project}/datasets': builders,
  'POST /projects/{project}/datasets/preview': modelReaders,
  'GET /projects/{project}/datasets/{dataset}': modelReaders,
  'GET /projects/{project}/datasets/{dataset}/rows': modelReaders,
  'GET /projects/{project}/datasets/{dataset}/diff': modelReaders,
  'POST /projects/{project}/datasets/{dataset}/exports': builders,
  'GET /projects/{project}/datasets/{dataset}/exports': builders,
  'POST /projects/{project}/runs': builders,
  'GET /projects/{project}/runs': modelReaders,
  'GET /projects/{project}/runs/{run}': modelReaders,
  'GET /projects/{project}/runs/{run}/events': modelReaders,
  'GET /projects/{project}/runs/{run}/series': modelReaders,
  'POST /projects/{project}/runs/{run}/stop': builders,
  'POST /projects/{project}/runs/{run}/resume': builders,
  'GET /projects/{project}/models/{model}/lineage': modelReaders,
  'GET /projects/{project}/models/{model}/lineage/annotations': modelReaders,
  'POST /projects/{project}/exports': builders,
  'GET /projects/{project}/exports': builders,
  'GET /projects/{project}/exports/{export}/parts/{part}': builders,
  'GET /projects/{project}/leaderboard': readers,
  'GET /projects/{project}/gates': readers,
  'GET /projects/{project}/promotions': readers,
  'POST /projects/{project}/promotions': builders,
  'POST /projects/{project}/promotions/override': leads,
  'GET /projects/{project}/head-to-heads': readers,
  'POST /projects/{project}/head-to-heads': builders,
  'GET /projects/{project}/head-to-heads/{headToHead}': readers,
  'GET /projects/{project}/head-to-heads/{headToHead}/pairs': readers,
  'GET /projects/{project}/head-to-heads/{headToHead}/hybrid': readers,
  'POST /projects/{project}/head-to-heads/{headToHead}/retry': builders,
  'POST /projects/{project}/head-to-heads/{headToHead}/finish': builders,
  'GET /projects/{project}/audit': leads,
  'POST /projects/{project}/audit/verify': leads,
  'GET /projects/{project}/jobs': readers,
  'GET /projects/{project}/jobs/{job}': readers,
  'POST /projects/{project}/jobs/{job}/cancel': builders,
  'POST /projects/{project}/jobs/{job}/retry': builders,
}

let at: TestProject
let http: TestHttp
let foreign: string
const people = new Map<Caller, TestPerson>()

beforeAll(async () => {
  at = await testProject({ tasks: 1 })
  http = await testHttp(at)
  foreign = await addProject(at.db, { name: 'Foreign' }, undefined)
  for (const role of ['lead', 'engineer', 'reviewer', 'annotator', 'viewer'] as const) {
    const person = await addMember(at, role, role)
    people.set(role, person)
  }
  people.set('owner', await addPerson(at.db, 'owner', { owner: true }))
  people.set('stranger', await addPerson(at.db, 'stranger'))
})
afterAll(() => at.database.close())

const endpoints = accessTable(contract)
const nameOf = ({ method, path }: { method: string; path: string }) => `${method} ${path}`

it('has an expectation for every endpoint, and none for what is not there', () => {
  expect(endpoints.map(nameOf).sort()).toEqual(Object.keys(expected).sort())
})

/** Fills path parameters with ids that lead nowhere: authorisation has to come before anything is looked up. */
const addressOf = (path: string, project: string) =>
  path
    .replace('{project}', project)
    .replace(/\{(version|part)\}/g, '1')
    .replace('{token}', 'x'.repeat(43))
    .replace(/\{\w+\}/g, newId())

const call = (caller: Caller, method: string, path: string, project: string) =>
  http.call(method, addressOf(path, project), {
    key: people.get(caller)?.key,
    body: method === 'GET' || method === 'DELETE' ? undefined : {},
    headers: { 'idempotency-key': 'x' },
  })

const isLetIn = (status: number) => status !== 401 && status !== 403

describe.each(endpoints.filter(({ path }) => path !== '/live'))('$method $path', ({ method, path }) => {
  const rule = expected[nameOf({ method, path })] ?? ''
  const ofProject = path.includes('{project}')

  it.each(callers)('for %s', async (caller) => {
    const { status, body } = await call(caller, method, path, at.project)
    expect(body).not.toHaveProperty('stack')
    if (rule === 'public') return expect(isLetIn(status)).toBe(true)
    if (caller === 'nobody') return expect([status, body.code]).toEqual([401, 'not_signed_in'])
    if (rule === 'signed-in')
      return expect(status === 403 && body.code === 'forbidden' && /role/.test(String(body.message))).toBe(false)
    if (!ofProject) return expect(status === 403).toBe(!rule.split(' ').includes(caller))
    if (caller === 'stranger') return expect([status, body.where]).toEqual([404, 'project'])
    const allowed = rule.split(' ').includes(caller)
    if (!allowed) return expect([status, body.code]).toEqual([403, 'forbidden'])
    expect([401, 403]).not.toContain(status)
    expect([status, body.where]).not.toEqual([404, 'project'])
  })

  if (ofProject)
    it('in a foreign project and in none: not found, whatever one’s role elsewhere', async () => {
      for (const caller of ['lead', 'engineer', 'reviewer', 'annotator', 'viewer', 'stranger'] as const)
        for (const project of [foreign, newId(), 'no-id']) {
          const { status, body } = await call(caller, method, path, project)
          expect([caller, status, body.code, body.where]).toEqual([caller, 404, 'not_found', 'project'])
        }
      const { status, body } = await call('owner', method, path, newId())
      expect([status, body.where]).toEqual([404, 'project'])
    })
})

describe('work of somebody else', () => {
  it.each([
    ['POST', '/assignments/{id}/submit', { annotations: [{ step: 'compare', payload: { strength: 1 } }], activeMs: 1 }],
    ['PUT', '/assignments/{id}/draft', { draft: [], revision: 1 }],
    ['POST', '/assignments/{id}/renew', {}],
    ['POST', '/assignments/{id}/skip', { reason: 'x' }],
    ['POST', '/assignments/{id}/release', {}],
    ['POST', '/assignments/{id}/flag', { reason: 'x' }],
  ] as const)('%s %s is not found, for the lead too', async (method, path, body) => {
    const mine = await http.call('POST', `/projects/${at.project}/claim`, {
      key: people.get('annotator')!.key,
      body: {},
    })
    const id = (mine.body.assignment as { id: string } | null)?.id ?? newId()
    for (const caller of ['lead', 'reviewer', 'stranger'] as const) {
      const answer = await http.call(method, path.replace('{id}', id), {
        key: people.get(caller)!.key,
        body,
        headers: { 'idempotency-key': 'k' },
      })
      expect([answer.status, answer.body.code]).toEqual([404, 'not_found'])
    }
  })
})

describe('an API key', () => {
  it('narrowed to one project opens no other, and narrowed to actions allows no other', async () => {
    const { key: narrow } = await addPerson(at.db, 'narrow')
    const { rows } = await at.database.pool.query(
      `SELECT person_id FROM api_keys WHERE prefix = $1 ORDER BY created_at DESC LIMIT 1`,
      [narrow.slice(0, 8)],
    )
    const person = rows[0].person_id
    for (const project of [at.project, foreign])
      await at.database.pool.query(`INSERT INTO memberships (project_id, person_id, role) VALUES ($1, $2, 'lead')`, [
        project,
        person,
      ])
    await at.database.pool.query(`UPDATE api_keys SET project_id = $1, actions = '{task.read}' WHERE person_id = $2`, [
      at.project,
      person,
    ])
    expect((await http.call('GET', `/projects/${at.project}/tasks`, { key: narrow })).status).toBe(200)
    expect((await http.call('GET', `/projects/${foreign}/tasks`, { key: narrow })).status).toBe(404)
    expect((await http.call('GET', `/projects/${at.project}/prompts`, { key: narrow })).status).toBe(403)
    expect((await http.call('POST', '/projects', { key: narrow, body: { name: 'x' } })).status).toBe(403)
  })

  it('that is not valid is an error, not a visitor', async () => {
    expect((await http.call('GET', '/me', { key: 'plk_wrong' })).status).toBe(401)
  })
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestHttp, testHttp } from '../../../test/http.ts'
import { addMember, type TestPerson, type TestProject, testProject } from '../../../test/project.ts'

let at: TestProject
let http: TestHttp
let lead: TestPerson
beforeAll(async () => {
  at = await testProject({ tasks: 1 })
  http = await testHttp(at)
  lead = await addMember(at, 'lead', 'lead')
})
afterAll(() => at.database.close())

const ask = (path: string, init: RequestInit = {}) => http.app.request(`http://127.0.0.1${path}`, init)

it('answers health, readiness and metrics without a key', async () => {
  expect((await ask('/healthz')).status).toBe(200)
  expect((await ask('/readyz')).status).toBe(200)
  const metrics = await (await ask('/metrics')).text()
  expect(metrics).toMatch(/plumbline_audit_unsealed_rows \d/)
  expect(metrics).toMatch(/plumbline_http_request_seconds_count\{.*kind="web".*\} \d/)
})

it('gives every answer the headers that keep hostile text harmless', async () => {
  const { headers } = await ask('/api/me')
  expect(headers.get('x-content-type-options')).toBe('nosniff')
  expect(headers.get('x-frame-options')).toBe('DENY')
  expect(headers.get('content-security-policy')).toContain("default-src 'none'")
  expect(headers.get('cache-control')).toBe('no-store')
})

describe('bad input gets one clear error', () => {
  const post = (body: string, headers: Record<string, string> = {}) =>
    ask('/api/projects', {
      method: 'POST',
      body,
      headers: { authorization: `Bearer ${lead.key}`, 'content-type': 'application/json', ...headers },
    })

  it.each([
    ['a body that is no JSON', '{"name": ', { code: 'bad_input', where: 'body' }],
    ['a field of the wrong type', '{"name": 7}', { code: 'bad_input', where: 'name' }],
    ['a field that is missing', '{}', { code: 'bad_input', where: 'name' }],
    [
      'a field deep inside',
      '{"name": "x", "settings": {"reviewShare": 2}}',
      { code: 'bad_input', where: 'settings.reviewShare' },
    ],
  ])('%s', async (_, body, problem) => {
    const response = await post(body)
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject(problem)
  })

  it('a body over the limit', async () => {
    const response = await post(`{"name": "${'x'.repeat(10 * 1024 * 1024)}"}`)
    expect([response.status, (await response.json()).code]).toEqual([413, 'too_large'])
  })

  it('an endpoint that is not there', async () => {
    const response = await ask('/api/nothing')
    expect([response.status, (await response.json()).code]).toEqual([404, 'not_found'])
  })

  it.each([
    ['a NUL in a text', '{"name": "a\\u0000b"}', 'name'],
    ['half of a surrogate pair', '{"name": "x", "description": "a\\ud800b"}', 'description'],
    ['a NUL in a key', '{"name": "x", "settings": {"a\\u0000": 1}}', 'settings.key'],
  ])('%s, which PostgreSQL cannot hold', async (_, body, where) => {
    const response = await post(body)
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ code: 'bad_input', where })
  })
})

describe('a write with a cookie', () => {
  const write = (headers: Record<string, string>) =>
    ask('/api/projects', { method: 'POST', body: '{}', headers: { cookie: 'plumbline.session_token=x', ...headers } })
  it.each([
    ['another site, as the browser says', { 'sec-fetch-site': 'cross-site' }],
    ['a site of the same domain', { 'sec-fetch-site': 'same-site' }],
    ['another origin', { origin: 'https://evil.example' }],
    ['an opaque origin', { origin: 'null' }],
    ['no origin at all', {}],
  ])('from %s is refused', async (_, headers) => {
    const response = await write(headers as Record<string, string>)
    expect([response.status, (await response.json()).code]).toEqual([403, 'forbidden'])
  })
  it('from our own page passes to sign-in', async () => {
    expect((await write({ 'sec-fetch-site': 'same-origin', host: '127.0.0.1' })).status).toBe(401)
    expect((await write({ origin: 'http://127.0.0.1', host: '127.0.0.1' })).status).toBe(401)
  })
})

import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Ground, ground, origin, password } from '../../test/people.ts'
import { createHttp } from '../platform/http/server.ts'
import { createLive, type Live, publish } from '../platform/live.ts'
import { jobs as jobsContract } from '../projects/jobs/contract.ts'
import { jobs } from '../projects/jobs/server.ts'
import { people as peopleContract } from './contract.ts'
import { people } from './server.ts'

let g: Ground
let live: Live
let http: ReturnType<typeof createHttp>
let project: string
beforeAll(async () => {
  g = await ground()
  live = createLive({ db: g.platform.db, log: g.platform.log, pauseMs: 20 })
  http = createHttp({
    platform: g.platform,
    contract: { ...peopleContract, jobs: jobsContract },
    router: { ...people(g.auth), jobs: jobs(live) },
    auth: g.auth.handler,
    version: 'test',
  })
  project = await g.addProject('Ours', { [await g.addPerson('lead@example.org')]: 'lead' })
})
afterAll(async () => {
  await live.stop()
  await g.close()
})

const cookiesOf = (response: Response) =>
  response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ')
const send = (method: string, path: string, body?: object, headers: Record<string, string> = {}) =>
  http.request(`${origin}/api${path}`, {
    method,
    headers: {
      origin,
      host: new URL(origin).host,
      ...(body ? { 'content-type': 'application/json' } : {}),
      ...headers,
    },
    body: body && JSON.stringify(body),
  })
const signIn = async (email: string) => cookiesOf(await send('POST', '/auth/sign-in/email', { email, password }))

it('signs in, invites, and the invited is signed in by the answer to the acceptance', async () => {
  const cookie = await signIn('lead@example.org')
  const invited = await send('POST', `/projects/${project}/invitations`, { role: 'annotator' }, { cookie })
  expect(invited.status).toBe(200)
  const { link } = (await invited.json()) as { link: string }
  const token = link.split('/').at(-1)
  const accepted = await send('POST', `/invitations/${token}/accept`, {
    name: 'New',
    email: 'new@example.org',
    password: 'quite a long password',
  })
  expect(accepted.status).toBe(200)
  expect(await accepted.json()).toMatchObject({ project, secondFactor: false })
  const me = await send('GET', '/me', undefined, { cookie: cookiesOf(accepted) })
  expect(await me.json()).toMatchObject({ email: 'new@example.org', projects: [{ id: project, role: 'annotator' }] })
})

it('says how long to wait after too many attempts', async () => {
  const attempts = await Promise.all(
    Array.from({ length: 12 }, () => send('POST', '/auth/sign-in/email', { email: 'nobody@example.org', password })),
  )
  const refused = attempts.find(({ status }) => status === 429)!
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(await refused.json()).toMatchObject({ code: 'too_many_requests' })
})

/** Reads server-sent events until `count` of them carry data. */
async function read(response: Response, count: number) {
  const events: { id?: string; data: { topic: string } }[] = []
  const decoder = new TextDecoder()
  let text = ''
  const reader = response.body!.getReader()
  while (events.length < count) {
    const { value, done } = await reader.read()
    if (done) break
    text += decoder.decode(value, { stream: true })
    const blocks = text.split('\n\n')
    text = blocks.pop()!
    for (const block of blocks) {
      const field = (name: string) => new RegExp(`^${name}: ?(.*)$`, 'm').exec(block)?.[1]
      if (field('data')) events.push({ id: field('id'), data: JSON.parse(field('data')!) })
    }
  }
  await reader.cancel()
  return events
}

it('streams events to the browser, and resumes after the last one that was heard', async () => {
  const cookie = await signIn('lead@example.org')
  const tell = (topic: string) => publish(g.platform.db, { project, action: 'project.read', topic, data: null })
  await tell('zero')
  const { rows } = await g.database.pool.query('SELECT max(id) AS id FROM live_events')
  const stream = await send('GET', '/live', undefined, { cookie, 'last-event-id': String(rows[0].id - 1) })
  expect(stream.headers.get('content-type')).toContain('text/event-stream')
  await tell('one')
  const heard = await read(stream, 2)
  expect(heard.map(({ data }) => data.topic)).toEqual(['zero', 'one'])
  await tell('two')
  const resumed = await send('GET', '/live', undefined, { cookie, 'last-event-id': heard[1]!.id! })
  expect((await read(resumed, 1)).map(({ data }) => data.topic)).toEqual(['two'])
  expect((await send('GET', '/live')).status).toBe(401)
})

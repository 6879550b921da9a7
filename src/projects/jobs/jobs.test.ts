import { once } from 'node:events'
import { createRouterClient } from '@orpc/server'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { type Browser, type Ground, ground } from '../../../test/people.ts'
import { fail } from '../../platform/errors.ts'
import { createLive, type Live, publish } from '../../platform/live.ts'
import { jobs } from './server.ts'

let g: Ground
let live: Live
let project: string
let elsewhere: string
let bob: string
const browsers: Record<string, Browser> = {}
beforeAll(async () => {
  g = await ground()
  live = createLive({ db: g.platform.db, log: g.platform.log, pauseMs: 20 })
  const lead = await g.addPerson('lead@example.org')
  const viewer = await g.addPerson('viewer@example.org')
  bob = await g.addPerson('bob@example.org')
  project = await g.addProject('Ours', { [lead]: 'lead', [viewer]: 'viewer', [bob]: 'annotator' })
  elsewhere = await g.addProject('Theirs', { [bob]: 'lead' })
  for (const name of ['lead', 'viewer', 'bob']) {
    browsers[name] = g.browser()
    await browsers[name].signIn(`${name}@example.org`)
  }
  g.platform.jobs.handle('forever', async ({ signal, progress }) => {
    progress(3, 10, 'at it')
    await once(signal, 'abort')
    signal.throwIfAborted()
  })
  g.platform.jobs.handle('picky at first', async ({ attempt, signal }) => {
    if (attempt === 1) fail('bad_input', 'Two rows are wrong.', { details: { lines: [2, 4] } })
    await once(signal, 'abort')
  })
  g.platform.jobs.handle('quick', async () => ({ rows: 7 }))
  await g.platform.jobs.run()
})
afterAll(async () => {
  await g.platform.jobs.stop()
  await live.stop()
  await g.close()
})

const as = (name: string) =>
  createRouterClient(jobs(live), {
    context: { platform: g.platform, headers: browsers[name]!.headers(), ip: '192.0.2.1', requestId: 'test' },
  })
const start = (kind: string, of = project) => g.platform.jobs.start(g.platform.db, { kind, title: kind, project: of })
const stateOf = async (job: string) => (await as('lead').show({ project, job })).state

it('shows what a job came to, to members who may read the project', async () => {
  const job = await start('quick')
  await vi.waitFor(async () => expect(await stateOf(job)).toBe('done'), { timeout: 10_000 })
  expect(await as('viewer').show({ project, job })).toMatchObject({ result: { rows: 7 }, title: 'quick', attempt: 1 })
  await expect(as('bob').show({ project, job })).rejects.toMatchObject({ code: 'forbidden' })
  await expect(as('lead').show({ project: elsewhere, job })).rejects.toMatchObject({ code: 'not_found' })
  await expect(as('bob').show({ project: elsewhere, job })).rejects.toMatchObject({ code: 'not_found' })
})

it('lists jobs page by page, the newest first', async () => {
  const made = [await start('of tomorrow'), await start('of tomorrow'), await start('of tomorrow')]
  const page = await as('viewer').list({ project, limit: 2 })
  expect(page.rows.map(({ id }) => id)).toEqual([made[2], made[1]])
  expect((await as('viewer').list({ project, limit: 2, after: page.next! })).rows[0]!.id).toBe(made[0])
  expect((await as('lead').mine({})).rows).toEqual([])
})

it('cancels a job that waits at once, and one that runs within a moment; each can be tried again', async () => {
  const waiting = await start('of tomorrow')
  expect((await as('lead').cancel({ project, job: waiting })).state).toBe('cancelled')
  await expect(as('lead').cancel({ project, job: waiting })).rejects.toMatchObject({ code: 'conflict' })
  const job = await start('forever')
  await vi.waitFor(async () => expect((await as('lead').show({ project, job })).note).toBe('at it'), {
    timeout: 10_000,
  })
  await expect(as('viewer').cancel({ project, job })).rejects.toMatchObject({ code: 'forbidden' })
  expect((await as('lead').cancel({ project, job })).cancelling).toBe(true)
  await vi.waitFor(async () => expect(await stateOf(job)).toBe('cancelled'), { timeout: 10_000 })
  expect((await as('lead').retry({ project, job })).state).toBe('waiting')
  await vi.waitFor(async () => expect(await stateOf(job)).toBe('running'), { timeout: 10_000 })
  await as('lead').cancel({ project, job })
  await vi.waitFor(async () => expect(await stateOf(job)).toBe('cancelled'), { timeout: 10_000 })
})

it('forgets what was wrong at one try when it is tried again', async () => {
  const job = await start('picky at first')
  await vi.waitFor(async () => expect(await stateOf(job)).toBe('failed'), { timeout: 10_000 })
  expect((await as('viewer').show({ project, job })).result).toEqual({ lines: [2, 4] })
  await as('lead').retry({ project, job })
  expect(await as('viewer').show({ project, job })).toMatchObject({ problem: null, result: null })
  await as('lead').cancel({ project, job })
  await vi.waitFor(async () => expect(await stateOf(job)).toBe('cancelled'), { timeout: 10_000 })
})

async function hear(name: string, input: { project?: string } = {}, lastEventId?: string) {
  const controller = new AbortController()
  const heard: { topic: string; project: string | null; data: unknown }[] = []
  const events = await as(name).live(input, { signal: controller.signal, lastEventId })
  const ended = (async () => {
    for await (const event of events) heard.push(event as (typeof heard)[number])
  })()
  const end = () => {
    controller.abort()
    return ended
  }
  return { heard, end }
}

it('tells members what happens, each what the role allows, and nobody what is foreign', async () => {
  const ears = { lead: await hear('lead'), viewer: await hear('viewer'), bob: await hear('bob') }
  const { rows } = await g.database.pool.query('SELECT coalesce(max(id), 0) AS id FROM live_events')
  const since = String(rows[0].id)
  // Heard by the lead alone, once the lead's window is open.
  await vi.waitFor(async () => {
    await publish(g.platform.db, { project, action: 'project.write', topic: 'opened', data: null })
    expect(ears.lead.heard.map(({ topic }) => topic)).toContain('opened')
  })
  const job = await start('quick')
  await publish(g.platform.db, { project: elsewhere, action: 'annotate', topic: 'theirs', data: null })
  await publish(g.platform.db, { project, action: 'annotate', topic: 'for all', data: { n: 1 } })
  await publish(g.platform.db, { person: bob, action: 'annotate', topic: 'for bob', data: null })
  await vi.waitFor(() => expect(ears.bob.heard.map(({ topic }) => topic)).toEqual(['theirs', 'for all', 'for bob']), {
    timeout: 5000,
  })
  // Other jobs of the project may still be heard of: each listener hears all that its role allows.
  const states = () =>
    ears.viewer.heard
      .filter(({ topic }) => topic === 'job')
      .map(({ data }) => data as { id: string; state: string })
      .filter(({ id }) => id === job)
      .map(({ state }) => state)
  await vi.waitFor(() => expect(states()).toEqual(['waiting', 'running', 'done']), { timeout: 10_000 })
  for (const { heard } of [ears.lead, ears.viewer]) expect(heard.map(({ topic }) => topic)).not.toContain('theirs')
  expect(ears.viewer.heard.map(({ topic }) => topic)).not.toContain('opened')
  const resumed = await hear('bob', { project }, since)
  await vi.waitFor(() => expect(resumed.heard.map(({ topic }) => topic)).toEqual(['for all']))
  await Promise.all([...Object.values(ears), resumed].map(({ end }) => end()))
})

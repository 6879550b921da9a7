import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Ground, ground, password } from '../../../test/people.ts'
import { forgetExpired } from './housekeeping.ts'

let g: Ground
let ada: string
let project: string
let other: string
beforeAll(async () => {
  g = await ground()
  ada = await g.addPerson('ada@example.org')
  const bob = await g.addPerson('bob@example.org')
  project = await g.addProject('Ours', { [ada]: 'lead', [bob]: 'annotator' })
  other = await g.addProject('Theirs', { [bob]: 'lead' })
})
afterAll(() => g.close())

async function signedIn(email = 'ada@example.org', given = password) {
  const browser = g.browser(`192.0.2.${Math.floor(Math.random() * 250) + 1}`)
  expect((await browser.signIn(email, given)).status).toBe(200)
  return browser
}

it('says who calls, with the projects that are theirs', async () => {
  const me = await (await signedIn()).api.me()
  expect(me).toEqual({
    id: ada,
    name: 'ada',
    email: 'ada@example.org',
    owner: false,
    twoFactor: false,
    hasPassword: true,
    via: 'session',
    projects: [{ id: project, name: 'Ours', role: 'lead', archived: false }],
  })
  await expect(g.browser().api.me()).rejects.toMatchObject({ code: 'not_signed_in' })
})

it('changes the name, and leaves a trace without it', async () => {
  const browser = await signedIn('bob@example.org')
  expect((await browser.api.rename({ name: '  Bob B.  ' })).name).toBe('Bob B.')
  const { rows } = await g.database.pool.query(`SELECT * FROM audit WHERE action = 'person.rename'`)
  expect(JSON.stringify(rows)).not.toContain('Bob')
  expect(rows).toHaveLength(1)
})

it('changes the password: the old one and every other session end, this one stays', async () => {
  await g.addPerson('carl@example.org')
  const here = await signedIn('carl@example.org')
  const elsewhere = await signedIn('carl@example.org')
  const next = 'a better battery horse'
  await expect(here.api.changePassword({ current: 'wrong', next })).rejects.toMatchObject({
    code: 'bad_input',
    where: 'current',
  })
  await expect(here.api.changePassword({ current: password, next: 'carl@example.org1' })).rejects.toMatchObject({
    code: 'bad_input',
    where: 'next',
  })
  await here.api.changePassword({ current: password, next })
  expect(await g.auth.personOf(here.headers())).toBeDefined()
  expect(await g.auth.personOf(elsewhere.headers())).toBeUndefined()
  expect((await g.browser('192.0.2.252').signIn('carl@example.org')).status).toBe(401)
  await signedIn('carl@example.org', next)
})

it('lists sessions and ends one, or all but this one', async () => {
  await g.addPerson('dora@example.org')
  const [here, second, third] = [
    await signedIn('dora@example.org'),
    await signedIn('dora@example.org'),
    await signedIn('dora@example.org'),
  ]
  const { rows } = await second.api.sessions.list()
  expect(rows).toHaveLength(3)
  await here.api.sessions.end({ session: rows.find(({ current }) => current)!.id })
  expect(await g.auth.personOf(second.headers())).toBeUndefined()
  expect(await here.api.sessions.endOthers()).toEqual({ ended: 1 })
  expect(await g.auth.personOf(third.headers())).toBeUndefined()
  expect(await g.auth.personOf(here.headers())).toBeDefined()
})

it("does not end another person's session, nor revoke their key", async () => {
  const [adas, bobs] = [await signedIn(), await signedIn('bob@example.org')]
  const [session] = (await adas.api.sessions.list()).rows
  const key = await adas.api.keys.create({ name: 'mine' })
  await expect(bobs.api.sessions.end({ session: session!.id })).rejects.toMatchObject({ code: 'not_found' })
  await expect(bobs.api.keys.revoke({ key: key.id })).rejects.toMatchObject({ code: 'not_found' })
  expect((await g.withKey(key.key).me()).id).toBe(ada)
})

it('makes API keys that are shown once, narrowed, and revoked at once', async () => {
  const browser = await signedIn()
  const made = await browser.api.keys.create({
    name: 'exports',
    project,
    actions: ['export', 'project.read'],
    expiresInDays: 30,
  })
  expect(made.key).toMatch(/^pl_[\w-]{43}$/)
  expect(made).toMatchObject({ project, actions: ['export', 'project.read'], prefix: made.key.slice(0, 9) })
  const listed = (await browser.api.keys.list()).rows.find(({ id }) => id === made.id)
  expect(listed).toEqual({ ...made, key: undefined })
  const { rows } = await g.database.pool.query('SELECT * FROM api_keys WHERE id = $1', [made.id])
  expect(JSON.stringify(rows)).not.toContain(made.key.slice(9))

  const script = g.withKey(made.key)
  expect(made.lastUsedAt).toBeNull()
  expect((await script.me()).projects.map(({ id }) => id)).toEqual([project])
  expect((await browser.api.keys.list()).rows.find(({ id }) => id === made.id)!.lastUsedAt).not.toBeNull()
  await expect(script.members.list({ project })).rejects.toMatchObject({ code: 'forbidden' })
  await expect(script.members.list({ project: other })).rejects.toMatchObject({ code: 'not_found' })
  await browser.api.keys.revoke({ key: made.id })
  await expect(script.me()).rejects.toMatchObject({ code: 'not_signed_in' })
})

it('makes no key for a project that is not theirs', async () => {
  await expect((await signedIn()).api.keys.create({ name: 'x', project: other })).rejects.toMatchObject({
    code: 'not_found',
    where: 'project',
  })
})

it('refuses a key that has expired', async () => {
  const made = await (await signedIn()).api.keys.create({ name: 'short', expiresInDays: 1 })
  await g.database.pool.query(`UPDATE api_keys SET expires_at = now() - interval '1 second' WHERE id = $1`, [made.id])
  await expect(g.withKey(made.key).me()).rejects.toMatchObject({ code: 'not_signed_in' })
})

it('lets no key make keys, change the password or end sessions', async () => {
  const browser = await signedIn()
  const script = g.withKey((await browser.api.keys.create({ name: 'script' })).key)
  const [session] = (await browser.api.sessions.list()).rows
  const forbidden = { code: 'forbidden' }
  await expect(script.keys.create({ name: 'more' })).rejects.toMatchObject(forbidden)
  await expect(script.changePassword({ current: password, next: 'another good one' })).rejects.toMatchObject(forbidden)
  await expect(script.sessions.end({ session: session!.id })).rejects.toMatchObject(forbidden)
  await expect(script.sessions.endOthers()).rejects.toMatchObject(forbidden)
})

it('forgets sessions that are over, and keeps the others', async () => {
  const person = await g.addPerson('over@example.org')
  const [old, fresh] = [await signedIn('over@example.org'), await signedIn('over@example.org')]
  const [session] = (await fresh.api.sessions.list()).rows.filter(({ current }) => !current)
  await g.database.pool.query(`UPDATE sessions SET expires_at = now() - interval '1 minute' WHERE id = $1`, [
    session!.id,
  ])
  await forgetExpired(g.platform.db)
  const { rows } = await g.database.pool.query('SELECT id FROM sessions WHERE person_id = $1', [person])
  expect(rows).toHaveLength(1)
  expect(await g.auth.personOf(old.headers())).toBeUndefined()
  expect(await g.auth.personOf(fresh.headers())).toBe(person)
})

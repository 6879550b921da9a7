import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Browser, type Ground, ground, password } from '../../../test/people.ts'

let g: Ground
let owner: string
let owners: Browser
beforeAll(async () => {
  g = await ground()
  owner = await g.addPerson('owner@example.org', { owner: true })
  owners = g.browser()
  await owners.signIn('owner@example.org')
})
afterAll(() => g.close())

it('lists people for owners alone, by page and by a part of name or address', async () => {
  for (const name of ['anna', 'anton', 'ben']) await g.addPerson(`${name}@example.org`)
  const first = await owners.api.organisation.list({ limit: 2 })
  expect(first.rows).toHaveLength(2)
  expect((await owners.api.organisation.list({ limit: 2, after: first.next! })).rows[0]!.id).not.toBe(first.rows[1]!.id)
  const found = await owners.api.organisation.list({ search: 'AN' })
  expect(found.rows.map(({ name }) => name).sort()).toEqual(['anna', 'anton'])
  expect((await owners.api.organisation.list({ search: '%' })).rows).toEqual([])
  const annas = g.browser('192.0.2.9')
  await annas.signIn('anna@example.org')
  await expect(annas.api.organisation.list({})).rejects.toMatchObject({ code: 'forbidden' })
})

it('disables somebody: sessions and keys end at once, and come back only anew', async () => {
  const person = await g.addPerson('gone@example.org')
  const theirs = g.browser('192.0.2.10')
  await theirs.signIn('gone@example.org')
  const { key } = await theirs.api.keys.create({ name: 'k' })
  expect((await owners.api.organisation.change({ person, disabled: true })).disabled).toBe(true)
  expect(await g.auth.personOf(theirs.headers())).toBeUndefined()
  await expect(theirs.api.me()).rejects.toMatchObject({ code: 'not_signed_in' })
  await expect(g.withKey(key).me()).rejects.toMatchObject({ code: 'not_signed_in' })
  await owners.api.organisation.change({ person, disabled: false })
  await expect(g.withKey(key).me()).rejects.toMatchObject({ code: 'not_signed_in' })
  expect((await theirs.signIn('gone@example.org')).status).toBe(200)
})

it('keeps an owner, whatever two owners do to each other at once', async () => {
  await expect(owners.api.organisation.change({ person: owner, disabled: true })).rejects.toMatchObject({
    code: 'conflict',
  })
  await expect(owners.api.organisation.change({ person: owner, owner: false })).rejects.toMatchObject({
    code: 'conflict',
  })
  const second = await g.addPerson('second@example.org')
  await owners.api.organisation.change({ person: second, owner: true })
  const both = await Promise.allSettled([
    owners.api.organisation.change({ person: owner, owner: false }),
    owners.api.organisation.change({ person: second, owner: false }),
  ])
  expect(both.filter(({ status }) => status === 'fulfilled').length).toBeLessThanOrEqual(1)
  await g.database.pool.query(`UPDATE people SET organisation_role = 'owner' WHERE id = $1`, [owner])
})

it('is closed to narrowed keys of an owner', async () => {
  const made = await owners.api.keys.create({ name: 'narrow', actions: ['export'] })
  await expect(g.withKey(made.key).organisation.list({})).rejects.toMatchObject({ code: 'forbidden' })
})

it('makes a link that sets a new password, ends the old sessions and is good once', async () => {
  const person = await g.addPerson('forgot@example.org')
  const stolen = g.browser('192.0.2.11')
  await stolen.signIn('forgot@example.org')
  const { link } = await owners.api.organisation.passwordLink({ person })
  const older = (await owners.api.organisation.passwordLink({ person })).link.split('/').at(-1)!
  const token = link.split('/').at(-1)!
  const theirs = g.browser('192.0.2.12')
  expect(await theirs.api.invitations.show({ token })).toMatchObject({
    kind: 'password',
    email: 'forgot@example.org',
    name: 'forgot',
  })
  const answer = await theirs.api.invitations.accept({ token, password: 'a brand new password' })
  theirs.keep(answer.headers!['set-cookie']!)
  expect((await theirs.api.me()).id).toBe(person)
  expect(await g.auth.personOf(stolen.headers())).toBeUndefined()
  expect((await g.browser('192.0.2.13').signIn('forgot@example.org', password)).status).toBe(401)
  for (const used of [token, older])
    await expect(theirs.api.invitations.accept({ token: used, password })).rejects.toMatchObject({ code: 'gone' })
})

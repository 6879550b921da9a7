import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Browser, type Ground, ground, origin, password } from '../../../test/people.ts'
import { ensureSetupLink } from './store.ts'

let g: Ground
let lead: string
let project: string
let leads: Browser
beforeAll(async () => {
  g = await ground()
  lead = await g.addPerson('lead@example.org')
  project = await g.addProject('Ours', { [lead]: 'lead' })
  leads = g.browser()
  await leads.signIn('lead@example.org')
})
afterAll(() => g.close())

const tokenOf = (link: string) => link.split('/').at(-1)!
const invite = async (more: object = {}) => {
  const made = await leads.api.invitations.create({ project, role: 'annotator', ...more })
  return { ...made, token: tokenOf(made.link) }
}
const fresh = 'quite a long password'

it('brings somebody new in: shown, accepted, signed in, a member with role and skills', async () => {
  const { link, token } = await invite({ email: 'New@Example.org', skills: ['de'], role: 'reviewer' })
  expect(link).toBe(`${origin}/invitation/${token}`)
  const browser = g.browser()
  expect(await browser.api.invitations.show({ token })).toMatchObject({
    kind: 'project',
    project: 'Ours',
    role: 'reviewer',
    email: 'new@example.org',
    invitedBy: 'lead',
    hasAccount: false,
  })
  const answer = await browser.api.invitations.accept({ token, name: 'New', password: fresh })
  expect(answer.body).toMatchObject({ project, secondFactor: false })
  browser.keep(answer.headers!['set-cookie']!)
  const me = await browser.api.me()
  expect(me).toMatchObject({
    id: answer.body.person,
    email: 'new@example.org',
    owner: false,
    projects: [{ id: project, role: 'reviewer' }],
  })
  const [member] = (await leads.api.members.list({ project, role: 'reviewer' })).rows
  expect(member).toMatchObject({ person: me.id, skills: ['de'] })
})

it('lets whoever holds an open link choose the address, but not take a known one', async () => {
  const { token } = await invite()
  const browser = g.browser()
  await expect(browser.api.invitations.accept({ token, name: 'X', password: fresh })).rejects.toMatchObject({
    where: 'email',
  })
  await expect(
    browser.api.invitations.accept({ token, name: 'X', email: 'lead@example.org', password: fresh }),
  ).rejects.toMatchObject({ code: 'conflict', where: 'email' })
  const { body } = await browser.api.invitations.accept({
    token,
    name: 'X',
    email: 'typed@example.org',
    password: fresh,
  })
  const { rows } = await g.database.pool.query('SELECT email_verified FROM people WHERE id = $1', [body.person])
  expect(rows).toEqual([{ email_verified: false }])
})

it('asks for a name and a password that is not easily guessed, and keeps the link open meanwhile', async () => {
  const { token } = await invite({ email: 'slow@example.org' })
  const { accept } = g.browser().api.invitations
  await expect(accept({ token, password: fresh })).rejects.toMatchObject({ where: 'name' })
  await expect(accept({ token, name: 'Slow' })).rejects.toMatchObject({ where: 'password' })
  await expect(accept({ token, name: 'Slow', password: 'slow@example.org' })).rejects.toMatchObject({
    where: 'password',
  })
  await expect(accept({ token, name: 'Slow', password: 'ababababababab' })).rejects.toMatchObject({ where: 'password' })
  await accept({ token, name: 'Slow', password: fresh })
})

it('is good once, even for two at the same moment', async () => {
  const { token } = await invite()
  const answers = await Promise.allSettled(
    [1, 2, 3].map((i) =>
      g.browser().api.invitations.accept({ token, name: 'Twin', email: `twin${i}@example.org`, password: fresh }),
    ),
  )
  expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  for (const answer of answers) if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ code: 'gone' })
  const { rows } = await g.database.pool.query(`SELECT 1 FROM people WHERE email LIKE 'twin%'`)
  expect(rows).toHaveLength(1)
})

it('expires, is taken back, and is listed only while it is open', async () => {
  const short = await invite({ expiresInDays: 1 })
  const back = await invite()
  const open = await invite()
  await leads.api.invitations.revoke({ project, invitation: back.id })
  await expect(leads.api.invitations.revoke({ project, invitation: back.id })).rejects.toMatchObject({
    code: 'not_found',
  })
  g.now.value = new Date(Date.now() + 2 * 24 * 3600 * 1000)
  try {
    for (const { token } of [short, back]) {
      await expect(g.browser().api.invitations.show({ token })).rejects.toMatchObject({ code: 'gone' })
      await expect(
        g.browser().api.invitations.accept({ token, name: 'Late', email: 'late@example.org', password: fresh }),
      ).rejects.toMatchObject({ code: 'gone' })
    }
    const listed = (await leads.api.invitations.list({ project })).rows.map(({ id }) => id)
    expect(listed).toContain(open.id)
    expect(listed).not.toContain(short.id)
    expect(listed).not.toContain(back.id)
  } finally {
    g.now.value = new Date()
  }
})

it('is unknown by any other token, and stored as a digest only', async () => {
  const { token } = await invite()
  for (const wrong of [`${token}x`, token.slice(0, -1), 'x'.repeat(43)])
    await expect(g.browser().api.invitations.show({ token: wrong })).rejects.toMatchObject({ code: 'not_found' })
  const { rows } = await g.database.pool.query('SELECT * FROM invitations')
  expect(JSON.stringify(rows)).not.toContain(token)
})

it('lets somebody who is signed in join with their account, if the link is for them', async () => {
  const id = await g.addPerson('known@example.org')
  const theirs = g.browser('192.0.2.7')
  await theirs.signIn('known@example.org')
  const foreign = await invite({ email: 'other@example.org' })
  await expect(theirs.api.invitations.accept({ token: foreign.token })).rejects.toMatchObject({ code: 'conflict' })
  const { token } = await invite({ email: 'known@example.org' })
  expect((await g.browser().api.invitations.show({ token })).hasAccount).toBe(true)
  expect((await theirs.api.invitations.accept({ token })).body).toMatchObject({ person: id, project })
  await expect(invite({ email: 'known@example.org' })).rejects.toMatchObject({ code: 'conflict', where: 'email' })
  const again = await invite()
  await expect(theirs.api.invitations.accept({ token: again.token })).rejects.toMatchObject({ code: 'conflict' })
})

it("never sets the password of an account that exists: a lead's link must not take it over", async () => {
  await g.addPerson('script@example.org', { password: false })
  const { token } = await invite({ email: 'script@example.org' })
  await expect(g.browser().api.invitations.accept({ token, name: 'Thief', password: fresh })).rejects.toMatchObject({
    code: 'conflict',
  })
})

it('sets Plumbline up: one link at a time until an owner can sign in', async () => {
  const own = await ground()
  try {
    const { db, publicUrl, clock } = own.platform
    expect((await own.browser().api.signIn()).setUp).toBe(false)
    const older = tokenOf((await ensureSetupLink(db, publicUrl, clock))!)
    const token = tokenOf((await ensureSetupLink(db, publicUrl, clock))!)
    const browser = own.browser()
    await expect(browser.api.invitations.show({ token: older })).rejects.toMatchObject({ code: 'gone' })
    expect(await browser.api.invitations.show({ token })).toMatchObject({ kind: 'setup', email: null })
    const answer = await browser.api.invitations.accept({
      token,
      name: 'Olga',
      email: 'olga@example.org',
      password: fresh,
    })
    browser.keep(answer.headers!['set-cookie']!)
    expect(await browser.api.me()).toMatchObject({ owner: true, email: 'olga@example.org' })
    expect(await ensureSetupLink(db, publicUrl, clock)).toBeUndefined()
    expect((await own.browser().api.signIn()).setUp).toBe(true)
    await expect(
      own.browser().api.invitations.accept({ token, name: 'O', email: 'o@example.org', password }),
    ).rejects.toMatchObject({ code: 'gone' })
  } finally {
    await own.close()
  }
})

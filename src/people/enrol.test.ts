import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { runCommand } from '../../test/command.ts'
import { type Ground, ground } from '../../test/people.ts'
import { peopleCommands } from './cli.ts'

let g: Ground
let project: string
beforeAll(async () => {
  g = await ground()
  project = await g.addProject('Helpdesk', {})
  vi.stubEnv('DATABASE_URL', g.database.url)
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await g.close()
})

const run = (...args: string[]) => runCommand(peopleCommands, 'user', ...args)

it('adds fifty people with keys that work, in one go', async () => {
  const emails = Array.from({ length: 50 }, (_, i) => `annotator${i}@example.org`)
  const { out } = await run('add', ...emails, '--project', 'Helpdesk', '--role', 'annotator', '--key', '--json')
  const { users } = JSON.parse(out) as { users: { id: string; email: string; key: string }[] }
  expect(users.map(({ email }) => email)).toEqual(emails)
  const me = await g.withKey(users[49]!.key).me()
  expect(me).toMatchObject({ id: users[49]!.id, via: 'key', projects: [{ id: project, role: 'annotator' }] })
})

it('gives who is there already the role, and a person named twice one account', async () => {
  const first = JSON.parse(
    (await run('add', 'Twice@example.org', 'twice@example.org', '--project', project, '--role', 'viewer', '--json'))
      .out,
  )
  expect(first.users).toHaveLength(1)
  const again = JSON.parse(
    (await run('add', 'twice@example.org', '--project', project, '--role', 'lead', '--json')).out,
  )
  expect(again.users[0].id).toBe(first.users[0].id)
  const { rows } = await g.database.pool.query('SELECT role FROM memberships WHERE person_id = $1', [first.users[0].id])
  expect(rows).toEqual([{ role: 'lead' }])
})

it('gives somebody new a link that sets a password and signs in', async () => {
  const { out } = await run(
    'add',
    'human@example.org',
    '--project',
    project,
    '--role',
    'annotator',
    '--json',
    '--url',
    'https://p.example.org/',
  )
  const [user] = JSON.parse(out).users
  expect(user.key).toBeUndefined()
  expect(user.link).toMatch(/^https:\/\/p\.example\.org\/invitation\//)
  const browser = g.browser()
  const answer = await browser.api.invitations.accept({
    token: user.link.split('/').at(-1),
    password: 'quite a long password',
  })
  browser.keep(answer.headers!['set-cookie']!)
  expect((await browser.api.me()).projects).toMatchObject([{ id: project, role: 'annotator' }])
  const { out: shown } = await run('link', 'human@example.org')
  expect(shown).toMatch(/^http:\/\/localhost:7700\/invitation\/[\w-]{43}\n$/)
})

it('marks simulated people as what they are simulated as, and never makes one of somebody real', async () => {
  const add = (email: string) =>
    run('add', email, '--project', project, '--role', 'annotator', '--key', '--simulated-as', 'careless', '--json')
  await add('hasty@example.org')
  const { rows } = await g.database.pool.query(`SELECT simulated_as FROM people WHERE email = 'hasty@example.org'`)
  expect(rows).toEqual([{ simulated_as: 'careless' }])
  expect((await add('hasty@example.org')).code).toBe(0)
  const refused = await add('human@example.org')
  expect(refused).toMatchObject({ code: 2, out: '' })
  expect(refused.err).toContain('human@example.org is the account of somebody real')
})

it('adds nobody when one address is none, and says which', async () => {
  const { err, code } = await run('add', 'good@example.org', 'bad', '--project', project, '--role', 'viewer')
  expect(err).toContain('not an e-mail address: bad')
  expect(code).toBe(2)
  expect((await g.database.pool.query(`SELECT 1 FROM people WHERE email = 'good@example.org'`)).rows).toEqual([])
})

it('says that a project is not there', async () => {
  const { err, code } = await run('add', 'good@example.org', '--project', 'Nowhere', '--role', 'viewer')
  expect(err).toContain('no project of that id or name')
  expect(code).toBe(2)
})

it('lists everybody', async () => {
  const { out } = await run('list', '--json')
  expect(JSON.parse(out).users.map((user: { email: string }) => user.email)).toContain('annotator0@example.org')
  expect((await run('list')).out).toContain('annotator49@example.org')
})

it('lets somebody back in who has lost password and second factor', async () => {
  const person = await g.addPerson('lost@example.org')
  await g.database.pool.query('UPDATE people SET two_factor_enabled = true WHERE id = $1', [person])
  await g.database.pool.query(
    `INSERT INTO two_factors (id, person_id, secret, backup_codes) VALUES (gen_random_uuid(), $1, 's', 'c')`,
    [person],
  )
  const token = async (...more: string[]) =>
    (await run('link', 'lost@example.org', ...more)).out.trim().split('/').at(-1)!
  const password = 'quite a long password'
  const still = await g.browser().api.invitations.accept({ token: await token(), password })
  expect(still.body.secondFactor).toBe(true)
  const browser = g.browser()
  const answer = await browser.api.invitations.accept({ token: await token('--drop-second-factor'), password })
  expect(answer.body.secondFactor).toBe(false)
  browser.keep(answer.headers!['set-cookie']!)
  expect((await browser.api.me()).id).toBe(person)
  expect((await run('link', 'nobody@example.org')).err).toContain('Nobody has the address')
})

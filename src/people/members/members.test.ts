import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { type Browser, type Ground, ground } from '../../../test/people.ts'

let g: Ground
let lead: string
let worker: string
let project: string
let leads: Browser
beforeAll(async () => {
  g = await ground()
  lead = await g.addPerson('lead@example.org')
  worker = await g.addPerson('worker@example.org')
  leads = g.browser()
  await leads.signIn('lead@example.org')
})
beforeEach(async () => {
  project = await g.addProject('Ours', { [lead]: 'lead', [worker]: 'annotator' })
})
afterAll(() => g.close())

it('lists members page by page, each once', async () => {
  const more = await Promise.all(
    Array.from({ length: 5 }, (_, i) => g.addPerson(`m${i}-${project}@example.org`, { password: false })),
  )
  for (const person of more)
    await g.database.pool.query(`INSERT INTO memberships (project_id, person_id, role) VALUES ($1, $2, 'viewer')`, [
      project,
      person,
    ])
  const seen: string[] = []
  let after: string | undefined
  do {
    const page = await leads.api.members.list({ project, after, limit: 3 })
    expect(page.rows.length).toBeLessThanOrEqual(3)
    seen.push(...page.rows.map(({ person }) => person))
    after = page.next ?? undefined
  } while (after)
  expect(new Set(seen)).toEqual(new Set([lead, worker, ...more]))
  expect(seen).toHaveLength(7)
  expect((await leads.api.members.list({ project, role: 'viewer' })).rows).toHaveLength(5)
  expect((await leads.api.members.list({ project, role: ['viewer', 'lead'] })).rows).toHaveLength(6)
})

it('changes role and skills, as a set, and takes a member out', async () => {
  const changed = await leads.api.members.change({
    project,
    person: worker,
    role: 'reviewer',
    skills: ['Python', 'de', 'python'],
  })
  expect(changed).toMatchObject({ role: 'reviewer', skills: ['de', 'python'] })
  expect((await leads.api.members.change({ project, person: worker, skills: [] })).role).toBe('reviewer')
  await leads.api.members.remove({ project, person: worker })
  await expect(leads.api.members.remove({ project, person: worker })).rejects.toMatchObject({ code: 'not_found' })
  const theirs = g.browser()
  await theirs.signIn('worker@example.org')
  await expect(theirs.api.members.list({ project })).rejects.toMatchObject({ code: 'not_found' })
})

it('keeps a lead in the project, even when two leave at once', async () => {
  await expect(leads.api.members.remove({ project, person: lead })).rejects.toMatchObject({ code: 'conflict' })
  await expect(leads.api.members.change({ project, person: lead, role: 'viewer' })).rejects.toMatchObject({
    code: 'conflict',
  })
  await leads.api.members.change({ project, person: worker, role: 'lead' })
  const both = await Promise.allSettled([
    leads.api.members.change({ project, person: lead, role: 'viewer' }),
    leads.api.members.change({ project, person: worker, role: 'viewer' }),
  ])
  expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
})

it('is for leads to change, and not for strangers to see', async () => {
  const theirs = g.browser()
  await theirs.signIn('worker@example.org')
  await expect(theirs.api.members.change({ project, person: worker, role: 'lead' })).rejects.toMatchObject({
    code: 'forbidden',
  })
  const elsewhere = await g.addProject('Elsewhere', { [worker]: 'lead' })
  await expect(leads.api.members.list({ project: elsewhere })).rejects.toMatchObject({ code: 'not_found' })
  await expect(
    leads.api.members.change({ project, person: '00000000-0000-7000-8000-000000000000', role: 'viewer' }),
  ).rejects.toMatchObject({ code: 'not_found' })
})

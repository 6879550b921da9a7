/** A project with tasks and people on a database of its own, for tests that begin where collecting begins. */
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join as joinPath } from 'node:path'
import { sql } from 'kysely'
import { pino } from 'pino'
import { type NewPrompt, writePromptBatch } from '../src/collect/prompts/write.ts'
import { compareTemplate, routeFor } from '../src/collect/templates/store.ts'
import type { Role } from '../src/people/roles.ts'
import type { Platform } from '../src/platform/context.ts'
import { dbOver } from '../src/platform/db.ts'
import { newId, newSecret, sha256 } from '../src/platform/ids.ts'
import type { Db } from '../src/platform/sql.ts'
import { addProject, saltOf } from '../src/projects/store.ts'
import { type TestDatabase, testDatabase } from './database.ts'

export interface TestPerson {
  id: string
  name: string
  /** An API key. */
  key: string
}

/** A clock that a test moves. */
class TestClock {
  now = new Date('2026-03-02T09:00:00Z')
  readonly read = () => new Date(this.now)
  advance(seconds: number) {
    this.now = new Date(this.now.getTime() + seconds * 1000)
  }
}

/** Everything a handler stands on, without HTTP; jobs and secrets are not there. */
const testPlatform = (db: Db, clock = new TestClock()): Platform => ({
  db,
  clock: clock.read,
  log: pino({ level: 'silent' }),
  jobs: unavailable('jobs'),
  vault: unavailable('vault'),
  wake() {},
  personOf: async () => undefined,
  publicUrl: 'http://127.0.0.1',
  dataDir: joinPath(tmpdir(), `plumbline-test-${newId()}`),
})

/** Throws at the first use, with the name of what the test did not bring. */
const unavailable = <T extends object>(name: string): T =>
  new Proxy({} as T, {
    get() {
      throw new Error(`this test brought no ${name}`)
    },
  })

export async function addPerson(
  db: Db,
  name: string,
  more: { owner?: boolean; simulatedAs?: string } = {},
): Promise<TestPerson> {
  const id = newId()
  const key = `plk_${newSecret()}`
  await sql`
    INSERT INTO people (id, name, email, organisation_role, simulated_as)
    VALUES (${id}, ${name}, ${`${name.toLowerCase()}-${randomBytes(3).toString('hex')}@example.test`},
      ${more.owner ? 'owner' : 'member'}, ${more.simulatedAs ?? null})`.execute(db)
  await sql`INSERT INTO api_keys (id, person_id, name, prefix, hash) VALUES (${newId()}, ${id}, 'test', ${key.slice(0, 8)}, ${sha256(key)})`.execute(
    db,
  )
  return { id, name, key }
}

export async function join(
  db: Db,
  project: string,
  person: TestPerson,
  role: Role,
  skills: string[] = [],
): Promise<void> {
  await sql`
    INSERT INTO memberships (project_id, person_id, role, skills) VALUES (${project}, ${person.id}, ${role}, ${skills}::text[])`.execute(
    db,
  )
}

/** A new person with a role in the project. */
export async function addMember(
  { db, project }: Pick<TestProject, 'db' | 'project'>,
  name: string,
  role: Role,
): Promise<TestPerson> {
  const person = await addPerson(db, name)
  await join(db, project, person, role)
  return person
}

/** `count` comparisons of two short answers. */
export const somePrompts = (count: number, from = 0): NewPrompt[] =>
  Array.from({ length: count }, (_, i) => ({
    turns: [{ role: 'user', text: `What is ${from + i} plus one?` }],
    responses: [{ text: `It is ${from + i + 1}.` }, { text: `It is ${from + i + 2}, I think.` }],
    metadata: {},
  }))

export async function addTasks(
  db: Db,
  project: string,
  prompts: NewPrompt[],
  overlap: number,
  skills: string[] = [],
): Promise<void> {
  const salt = await saltOf(db, project)
  await db.transaction().execute(async (trx) => {
    const template = await compareTemplate(trx, project)
    const route = await routeFor(trx, project, { skills })
    await writePromptBatch(trx, { project, salt, at: new Date() }, prompts, {
      template,
      route,
      overlap,
      purpose: 'label',
    })
  })
}

export interface TestProject {
  database: TestDatabase
  db: Db
  clock: TestClock
  platform: Platform
  project: string
  annotators: TestPerson[]
}

interface Wanted {
  tasks?: number
  overlap?: number
  annotators?: number
  leaseSeconds?: number
  /** Another project on a database that is there already. */
  on?: TestDatabase
}

export async function testProject({
  tasks = 10,
  overlap = 1,
  annotators = 2,
  leaseSeconds = 60,
  on,
}: Wanted = {}): Promise<TestProject> {
  const database = on ?? (await testDatabase())
  const db = dbOver(database.pool)
  const project = await addProject(db, { name: 'Test', leaseSeconds }, undefined)
  await addTasks(db, project, somePrompts(tasks), overlap)
  const people: TestPerson[] = []
  for (let i = 0; i < annotators; i++) {
    people.push(await addMember({ db, project }, `Annotator ${i}`, 'annotator'))
  }
  const clock = new TestClock()
  return { database, db, clock, platform: testPlatform(db, clock), project, annotators: people }
}

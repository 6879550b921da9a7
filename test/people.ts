/** For tests about people: a platform over a test database, a browser of sorts that keeps cookies, people who exist. */
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRouterClient } from '@orpc/server'
import { hashPassword } from 'better-auth/crypto'
import { pino } from 'pino'
import { setPassword } from '../src/people/account/store.ts'
import { type Auth, createAuth } from '../src/people/auth.ts'
import { addMembers } from '../src/people/members/store.ts'
import type { Oidc } from '../src/people/oidc.ts'
import { addPeople } from '../src/people/organisation/store.ts'
import type { Role } from '../src/people/roles.ts'
import { people } from '../src/people/server.ts'
import type { CallContext, Platform } from '../src/platform/context.ts'
import { dbOver } from '../src/platform/db.ts'
import { newId } from '../src/platform/ids.ts'
import { createJobs } from '../src/platform/jobs/runner.ts'
import { masterKey, openVault } from '../src/platform/vault.ts'
import { addProject } from '../src/projects/store.ts'
import { type TestDatabase, testDatabase } from './database.ts'

export const origin = 'http://plumbline.test'
export const password = 'correct horse battery'

export interface Ground {
  database: TestDatabase
  platform: Platform
  auth: Auth
  now: { value: Date }
  /** A browser: keeps the cookies that it is given. */
  browser(ip?: string): Browser
  addPerson(email: string, options?: { owner?: boolean; password?: boolean }): Promise<string>
  addProject(name: string, members: Record<string, Role>): Promise<string>
  /** Someone who holds an API key and no cookie. */
  withKey(key: string): ReturnType<typeof client>
  close(): Promise<void>
}

export type Browser = ReturnType<typeof browserOver>

const client = (platform: Platform, auth: Auth, headers: Headers, ip: string) =>
  createRouterClient(people(auth), { context: { platform, headers, ip, requestId: 'test' } satisfies CallContext })

function browserOver(platform: Platform, auth: Auth, ip: string) {
  const cookies = new Map<string, string>()
  const headers = () =>
    new Headers(cookies.size ? { cookie: [...cookies].map((pair) => pair.join('=')).join('; ') } : {})
  const keep = (given: string[]) => {
    for (const cookie of given) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie)!
      if (!value || /max-age=0/i.test(cookie)) cookies.delete(name!)
      else cookies.set(name!, value)
    }
  }
  return {
    cookies,
    headers,
    keep,
    get api() {
      return client(platform, auth, headers(), ip)
    },
    async post(path: string, body: object, more: Record<string, string> = {}) {
      const sent = headers()
      for (const [name, value] of Object.entries({ 'content-type': 'application/json', origin, ...more }))
        sent.set(name, value)
      const request = new Request(`${origin}/api/auth${path}`, {
        method: 'POST',
        headers: sent,
        body: JSON.stringify(body),
      })
      const response = await auth.handler(request, ip)
      keep(response.headers.getSetCookie())
      return {
        status: response.status,
        headers: response.headers,
        body: (await response.json()) as Record<string, unknown>,
      }
    },
    signIn(email: string, given = password) {
      return this.post('/sign-in/email', { email, password: given })
    },
  }
}

export async function ground(options: { publicUrl?: string; oidc?: Oidc } = {}): Promise<Ground> {
  const database = await testDatabase({ max: 8 })
  const db = dbOver(database.pool)
  const log = pino({ level: 'silent' })
  const secret = masterKey('', '11'.repeat(32))
  const publicUrl = options.publicUrl ?? origin
  const auth = await createAuth({ pool: database.pool, secret, publicUrl, oidc: options.oidc })
  const now = { value: new Date() }
  const platform: Platform = {
    db,
    clock: () => now.value,
    log,
    jobs: createJobs({ db, connection: database.connection, log }),
    vault: openVault(secret),
    wake() {},
    personOf: auth.personOf,
    publicUrl,
    dataDir: join(tmpdir(), `plumbline-test-${newId()}`),
  }
  const hash = await hashPassword(password)
  return {
    database,
    platform,
    auth,
    now,
    browser: (ip = '192.0.2.1') => browserOver(platform, auth, ip),
    async addPerson(email, { owner = false, password: withPassword = true } = {}) {
      const [id] = await addPeople(db, [{ email, name: email.split('@')[0]!, emailVerified: true, owner }])
      if (withPassword) await setPassword(db, id!, hash)
      return id!
    },
    async addProject(name, members) {
      const project = await addProject(db, { name }, undefined)
      for (const [person, role] of Object.entries(members)) await addMembers(db, project, [person], role)
      return project
    },
    withKey: (key) => client(platform, auth, new Headers({ authorization: `Bearer ${key}` }), '192.0.2.2'),
    close: () => database.close(),
  }
}

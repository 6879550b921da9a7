/** The whole API over a test database, called without a port. */
import type { Hono } from 'hono'
import { pino } from 'pino'
import { contract } from '../src/contract.ts'
import { measureHere } from '../src/evaluate/work.ts'
import { projectCompletions } from '../src/models/checkpoints/completions.ts'
import { createModels, type Models } from '../src/models/models.ts'
import { createAuth } from '../src/people/auth.ts'
import type { Platform } from '../src/platform/context.ts'
import { createHttp } from '../src/platform/http/server.ts'
import { createJobs } from '../src/platform/jobs/runner.ts'
import { createLive } from '../src/platform/live.ts'
import { derivedKey, openVault } from '../src/platform/vault.ts'
import { router } from '../src/router.ts'
import type { TestProject } from './project.ts'

export interface TestHttp {
  app: Hono
  platform: Platform
  /** Local models, in threads; a test that used any closes them. */
  models: Models
  /** Answers with status and parsed body; `key` signs the call. */
  call(
    method: string,
    path: string,
    options?: { key?: string; body?: unknown; headers?: Record<string, string> },
  ): Promise<{ status: number; body: Record<string, unknown>; headers: Headers }>
}

export async function testHttp({ database, db, platform: ground }: TestProject): Promise<TestHttp> {
  const log = pino({ level: 'silent' })
  const master = Buffer.alloc(32, 7)
  const auth = await createAuth({
    pool: database.pool,
    secret: derivedKey(master, 'sign-in'),
    publicUrl: 'http://127.0.0.1',
    log,
  })
  const platform: Platform = {
    ...ground,
    personOf: auth.personOf,
    vault: openVault(master),
    jobs: createJobs({ db, connection: database.connection, log }),
  }
  const models = createModels({ dataDir: platform.dataDir, threads: 1 })
  const app = createHttp({
    platform,
    contract,
    router: router(auth, createLive({ db, log }), models, measureHere(db)),
    auth: auth.handler,
    doors: { '/v1': projectCompletions({ platform, models }) },
    version: '0.0.0',
  })
  return {
    app,
    platform,
    models,
    async call(method, path, { key, body, headers = {} } = {}) {
      const response = await app.request(`http://127.0.0.1/api${path}`, {
        method,
        headers: {
          ...(key ? { authorization: `Bearer ${key}` } : {}),
          ...(body !== undefined ? { 'content-type': 'application/json' } : {}),
          ...headers,
        },
        body: body === undefined ? undefined : JSON.stringify(body),
      })
      const text = await response.text()
      return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : {}, headers: response.headers }
    },
  }
}

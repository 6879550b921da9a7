/** Starts the server: database, sign-in, HTTP, and the loops that keep the queue, the audit chain and the followers moving. */
import { existsSync, readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { serve as listen, type ServerType } from '@hono/node-server'
import { pino } from 'pino'
import { isRefitDue } from './assure/consensus/refit.ts'
import { consensusFollower } from './assure/consensus/store.ts'
import { reviewSampler } from './assure/review/store.ts'
import { statisticsThread } from './assure/thread/background.ts'
import { expireLeases } from './collect/tasks/queue.ts'
import { contract } from './contract.ts'
import { advanceHeadToHeads } from './evaluate/head-to-head/advance.ts'
import type { Measure } from './evaluate/work.ts'
import { chooseNext } from './learn/active/choose.ts'
import { rewardFollower } from './learn/reward/store.ts'
import { settleRuns } from './learn/runs/job.ts'
import { roundsMover } from './loop/advance.ts'
import { projectCompletions } from './models/checkpoints/completions.ts'
import { createModels } from './models/models.ts'
import { forgetExpired } from './people/account/housekeeping.ts'
import { createAuth } from './people/auth.ts'
import { ensureSetupLink } from './people/invitations/store.ts'
import { oidcFrom } from './people/oidc.ts'
import { seal } from './platform/audit.ts'
import { say } from './platform/command.ts'
import type { Platform } from './platform/context.ts'
import { openDatabase } from './platform/database/connect.ts'
import { migrate } from './platform/database/migrate.ts'
import { dbOver } from './platform/db.ts'
import { fail } from './platform/errors.ts'
import { follow } from './platform/events.ts'
import { createHttp } from './platform/http/server.ts'
import { createJobs } from './platform/jobs/runner.ts'
import { createLive } from './platform/live.ts'
import { type Loop, loop } from './platform/loop.ts'
import { derivedKey, masterKey, openVault } from './platform/vault.ts'
import { jobHandlers, router } from './router.ts'

interface ServeOptions {
  data: string
  port: number
  host: string
  demo: boolean
}

const root = fileURLToPath(new URL('../..', import.meta.url))
const version: string = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version

interface Server {
  url: string
  close(): Promise<void>
}

const addressInUse = (port: number) => (error: NodeJS.ErrnoException) =>
  error.code === 'EADDRINUSE'
    ? fail('unavailable', `Port ${port} is taken by another program.`, {
        where: `--port ${port}`,
        hint: 'Choose another: --port 7701.',
      })
    : Promise.reject(error)

const bind = (
  fetch: (request: Request) => Response | Promise<Response>,
  port: number,
  host: string,
): Promise<ServerType> =>
  new Promise((done, failed) => {
    const server = listen({ fetch, port, hostname: host }, () => done(server))
    server.once('error', failed)
  })

/** Where this process can be reached from this machine. */
function ownAddress(server: ServerType): string {
  const { address, port, family } = server.address() as AddressInfo
  const host = address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address
  return family === 'IPv6' ? `http://[${host}]:${port}` : `http://${host}:${port}`
}

/** Opens everything and listens; what was opened is closed again when a later step fails. */
export async function startServer({ data, port, host, demo }: ServeOptions): Promise<Server> {
  const publicUrl =
    process.env.PLUMBLINE_URL ?? `http://${host === '0.0.0.0' || host === '::' ? 'localhost' : host}:${port}`
  const log = pino(
    {
      level: process.env.PLUMBLINE_LOG ?? 'warn',
      redact: ['req.headers.authorization', 'req.headers.cookie', '*.password', '*.key', '*.secret'],
    },
    pino.destination(2),
  )
  const database = await openDatabase({ dataDir: data, role: 'serve' })
  const undo: (() => Promise<void>)[] = [() => database.close()]
  const close = async () => {
    for (const step of undo.splice(0).reverse()) await step()
  }
  try {
    await migrate(database.pool)
    const db = dbOver(database.pool)
    const master = masterKey(data)
    const auth = await createAuth({
      pool: database.pool,
      secret: derivedKey(master, 'sign-in'),
      publicUrl,
      oidc: oidcFrom(process.env),
      log,
    })
    const live = createLive({ db, log })
    undo.push(() => live.stop())
    const models = createModels({ dataDir: resolve(data) })
    undo.push(() => models.close())
    // One for what people ask, one for consensus: a fit of a large project must not make a screen wait.
    const statistics = statisticsThread<Measure>(() => database.connection)
    const fits = statisticsThread(() => database.connection)
    undo.push(async () => void (await Promise.all([statistics.close(), fits.close()])))
    // Training takes every core: of two at once each would take twice as long, and twice the memory.
    const jobs = createJobs({ db, connection: database.connection, log, atOnce: { run: 1 } })
    const loops: Loop[] = []
    const followers = [consensusFollower, reviewSampler, rewardFollower].map((follower) =>
      loop(`follower ${follower.name}`, 1000, log, async () => (await follow(db, follower)) > 0),
    )
    const movers: Loop[] = []
    const platform: Platform = {
      db,
      clock: () => new Date(),
      log,
      jobs,
      vault: openVault(master),
      wake: () => {
        for (const one of [...followers, ...movers]) one.wake()
        jobs.wake()
        live.wake()
      },
      personOf: auth.personOf,
      publicUrl,
      dataDir: resolve(data),
    }
    const webRoot = join(root, 'dist', 'web')
    const http = createHttp({
      platform,
      contract,
      router: router(auth, live, models, statistics.measure),
      auth: auth.handler,
      doors: { '/v1': projectCompletions({ platform, models }) },
      version,
      webRoot: existsSync(webRoot) ? webRoot : undefined,
    })
    movers.push(
      loop('head to heads', 500, log, () => advanceHeadToHeads(platform)),
      loop('rounds', 500, log, roundsMover(platform)),
    )
    loops.push(
      ...followers,
      loop('audit sealer', 500, log, async () => (await seal(db)) > 0),
      ...movers,
      loop('consensus fit', 1000, log, async () => (await isRefitDue(db)) && fits.measure('refit', null)),
      loop('lease keeper', 1000, log, async () => (await expireLeases(db, platform.clock())) > 0),
      loop('active choice', 2000, log, async () => {
        await chooseNext(platform)
        return false
      }),
      loop('run keeper', 2000, log, async () => (await settleRuns(platform)) > 0),
      loop('housekeeping', 3_600_000, log, async () => {
        await forgetExpired(db)
        return false
      }),
    )
    undo.push(async () => void (await Promise.all(loops.map((one) => one.stop()))))
    for (const [kind, handler] of Object.entries(jobHandlers(platform, models, statistics.measure)))
      jobs.handle(kind, handler)
    await jobs.run()
    undo.push(() => jobs.stop())
    const server = await bind(http.fetch, port, host).catch(addressInUse(port))
    undo.push(
      () =>
        new Promise((done) => {
          server.close(() => done())
          if ('closeAllConnections' in server) server.closeAllConnections()
        }),
    )
    say(`plumbline: ready at ${publicUrl}`)
    const link = await ensureSetupLink(db, publicUrl, platform.clock)
    if (link) say(`plumbline: set up the owner's account here (once, within a week):\n\n    ${link}\n`)
    // A server that somebody else runs is for real work: nothing plays in it unasked.
    if (demo && database.embedded) {
      const { demoInBackground } = await import('./demo/background.ts')
      const playing = await demoInBackground({ db, url: ownAddress(server), say })
      if (playing) undo.push(() => playing.stop())
    }
    return { url: publicUrl, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Runs until SIGTERM or SIGINT, also when told so while it is still starting. */
export async function serveUntilStopped(options: ServeOptions): Promise<void> {
  const stopped = new Promise<void>((done) => {
    process.once('SIGTERM', () => done())
    process.once('SIGINT', () => done())
  })
  const server = await startServer(options)
  await stopped
  await server.close()
}

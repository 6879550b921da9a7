// How long the server's event loop waits while a run trains in its process: idle, then for each base of --bases.
//   npm run build && node bench/run-event-loop.mjs [--bases preset:1m,preset:7m] [--seconds 10]
// On a busy Linux machine, apart from whatever else runs there:
//   setsid bash -c 'echo -15 > /proc/self/autogroup; exec node bench/run-event-loop.mjs'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { pino } from 'pino'
import { takeSnapshot } from '../dist/server/learn/datasets/store.js'
import { findRun, startRun, stopRun } from '../dist/server/learn/runs/read.js'
import { openDatabase } from '../dist/server/platform/database/connect.js'
import { dbOver } from '../dist/server/platform/db.js'
import { createJobs } from '../dist/server/platform/jobs/runner.js'
import { inTransaction } from '../dist/server/platform/sql.js'
import { startServer } from '../dist/server/serve.js'

const { values } = parseArgs({
  options: {
    bases: { type: 'string', default: 'preset:1m,preset:7m' },
    seconds: { type: 'string', default: '10' },
    port: { type: 'string', default: '7791' },
  },
})
const path = (from) => fileURLToPath(new URL(from, import.meta.url))
const data = mkdtempSync(join(tmpdir(), 'plumbline-run-loop-'))
// Root's PostgreSQL runs as another user, who must be able to enter.
chmodSync(data, 0o711)
const command = (...args) =>
  JSON.parse(execFileSync(process.execPath, [path('../dist/server/main.js'), ...args, '--data', data, '--json']))
const project = command('project', 'add', 'Bench').id
const pairs = path('../../shared/data/hh-rlhf/harmless-base.first1800.jsonl.gz')
command('import', pairs, '--project', project, '--format', 'hh', '--as', 'tasks', '--overlap', '1')

const server = await startServer({ data, port: Number(values.port), host: '127.0.0.1', demo: false })
const database = await openDatabase({ dataDir: data, role: 'command' })
const db = dbOver(database.pool)
const log = pino({ level: 'silent' })
// Notes jobs and does none: the server in this process does.
const jobs = createJobs({ db, connection: database.connection, log })
const platform = { db, clock: () => new Date(), jobs, log, dataDir: data, wake() {} }
const filters = { sources: ['import'] }
const snapshot = (await takeSnapshot(db, { project, kind: 'preference', filters }, new Date())).id

const ms = (nanoseconds) => (nanoseconds / 1e6).toFixed(1)

/** Asks for a page every 20 ms meanwhile. */
async function measure(what) {
  const delay = monitorEventLoopDelay({ resolution: 2 })
  const answers = []
  delay.enable()
  for (const end = Date.now() + 1000 * Number(values.seconds); Date.now() < end; await sleep(20)) {
    const begun = performance.now()
    await (await fetch(`${server.url}/readyz`)).text()
    answers.push(performance.now() - begun)
  }
  delay.disable()
  answers.sort((a, b) => a - b)
  console.log(
    `${what}: event loop p50 ${ms(delay.percentile(50))}, p99 ${ms(delay.percentile(99))}, most ${ms(delay.max)} ms; ` +
      `a page p50 ${answers[answers.length >> 1].toFixed(1)} ms, n = ${answers.length}`,
  )
}

await sleep(3000)
await measure('idle')
for (const base of values.bases.split(',')) {
  const settings = { steps: 100_000, maxLength: 256 }
  const run = await inTransaction(db, (trx) =>
    startRun(trx, platform, { project, algorithm: 'sft', snapshot, base, settings }),
  )
  while ((await findRun(db, project, run)).step < 3) await sleep(200)
  await measure(`training ${base}`)
  console.log(`  ${(await findRun(db, project, run)).note}`)
  await inTransaction(db, (trx) => stopRun(trx, platform, { project, run }))
  while (!(await findRun(db, project, run)).endedAt) await sleep(200)
}
await database.close()
await server.close()
rmSync(data, { recursive: true, force: true })

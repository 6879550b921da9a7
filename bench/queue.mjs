// Claim and submit over HTTP by 64 people who are signed in, against the same statements without HTTP, in turn, on one
// embedded database; then by the same people at the pace of people. Prints pairs/s, the 95th percentile and their ratio, and
// the processor time of a pair: the one figure that other programs on the machine hardly change.
//   node bench/queue.mjs [--people 64] [--seconds 8] [--rounds 3] [--pause 2000]
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Agent, request } from 'undici'

const { values } = parseArgs({
  options: {
    people: { type: 'string', default: '64' },
    seconds: { type: 'string', default: '8' },
    rounds: { type: 'string', default: '3' },
    pause: { type: 'string', default: '2000' },
  },
})
const people = Number(values.people)
const seconds = Number(values.seconds)
const rounds = Number(values.rounds)
const pauseMs = Number(values.pause)
const dir = mkdtempSync(join(tmpdir(), 'plumbline-bench-'))
const port = Number(process.env.PORT ?? 7788)
const cli = (...args) =>
  JSON.parse(execFileSync('./plumbline', [...args, '--data', dir, '--json'], { encoding: 'utf8', maxBuffer: 1 << 28 }))

const server = spawn('./plumbline', ['serve', '--data', dir, '--port', String(port), '--no-demo'], {
  stdio: ['ignore', 'ignore', 'inherit'],
})
for (let i = 0; i < 300; i++, await pause(100))
  if ((await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => {}))?.ok) break

const project = cli('project', 'add', 'bench')
const file = join(dir, 'rows.jsonl')
const rows = 120_000
writeFileSync(
  file,
  Array.from({ length: rows }, (_, i) =>
    JSON.stringify({
      prompt: `Question ${i}: how do I return order ${i * 7}?`,
      chosen: `Take the form, then post it. ${i}`,
      rejected: `No idea ${i}.`,
    }),
  ).join('\n'),
)
const begun = Date.now()
cli('import', file, '--project', project.id, '--format', 'trl-preference', '--as', 'tasks', '--overlap', '1')
console.log(`import with tasks: ${(rows / ((Date.now() - begun) / 1000)).toFixed(0)} rows/s`)
const { users } = cli(
  'user',
  'add',
  ...Array.from({ length: people }, (_, i) => `p${i}@bench.test`),
  '--project',
  project.id,
  '--role',
  'annotator',
)
const origin = `http://127.0.0.1:${port}`
/** Signed in as a browser is: an invitation accepted, the session's cookie kept. */
for (const [i, person] of users.entries()) {
  const response = await fetch(`${origin}/api/invitations/${person.link.split('/').at(-1)}/accept`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin },
    body: JSON.stringify({ name: `Person ${i}`, password: `password of person ${i}` }),
  })
  if (!response.ok) throw new Error(await response.text())
  person.cookie = response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ')
}

const percentile = (times, p) =>
  times.sort((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * p))] ?? Number.NaN
const answer = () => ({
  annotations: [{ step: 'compare', payload: { strength: Math.floor(Math.random() * 7) - 3 } }],
  activeMs: 900,
})
/** Tasks that were handed out; of each there is one slot. */
const seen = new Set()

/** Processor seconds so far of the server, of the embedded database with all its processes, and of this program. */
function processorSeconds() {
  const spent = { server: 0, database: 0, client: (process.cpuUsage().user + process.cpuUsage().system) / 1e6 }
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      const used = (Number(fields[11]) + Number(fields[12])) / 100
      if (Number(pid) === server.pid) spent.server += used
      else if ([pid, fields[1]].includes(postmaster)) spent.database += used
    } catch {
      // It has ended meanwhile.
    }
  return spent
}

/** Runs one pair after the other for each person until the time is up, `rest` ms apart. */
async function measure(pair, rest = 0) {
  const before = processorSeconds()
  const until = performance.now() + seconds * 1000
  const times = []
  let pairs = 0
  const started = performance.now()
  await Promise.all(
    users.map(async (person) => {
      if (rest) await pause(Math.random() * rest)
      while (performance.now() < until) {
        const done = await pair(person, times)
        if (!done) return
        pairs++
        if (rest) await pause(rest * (0.5 + Math.random()))
      }
    }),
  )
  const perSecond = pairs / ((performance.now() - started) / 1000)
  const after = processorSeconds()
  const cost = Object.fromEntries(
    Object.keys(after).map((name) => [name, ((after[name] - before[name]) * 1000) / pairs]),
  )
  return { perSecond, p50: percentile(times, 0.5), p95: percentile(times, 0.95), ...cost }
}

const agent = new Agent({ connections: people, pipelining: 1 })
async function post(person, path, body, headers = {}) {
  const response = await request(`${origin}${path}`, {
    method: 'POST',
    dispatcher: agent,
    headers: { cookie: person.cookie, origin, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  const json = await response.body.json()
  if (response.statusCode !== 200) throw new Error(JSON.stringify(json))
  return json
}
async function overHttp(person, times) {
  let at = performance.now()
  const { assignment } = await post(person, `/api/projects/${project.id}/claim`, {})
  times.push(performance.now() - at)
  if (!assignment) return false
  if (seen.has(assignment.task)) throw new Error(`given twice: ${assignment.task}`)
  seen.add(assignment.task)
  at = performance.now()
  await post(person, `/api/assignments/${assignment.id}/submit`, answer(), { 'idempotency-key': assignment.id })
  times.push(performance.now() - at)
  return true
}

// The same functions that the handlers call, on a pool of the same size.
const dist = (path) => import(`../dist/server/${path}`)
const [{ openDatabase }, { dbOver }, { claim }, { submit, workOf }] = await Promise.all([
  dist('platform/database/connect.js'),
  dist('platform/db.js'),
  dist('collect/tasks/queue.js'),
  dist('collect/tasks/work.js'),
])
const database = await openDatabase({ dataDir: dir, role: 'command' })
database.pool.options.max = 20
const db = dbOver(database.pool)
const platform = { db, clock: () => new Date() }
async function withoutHttp(person, times) {
  let at = performance.now()
  const lease = await claim(db, { person: person.id, project: project.id, role: 'annotator', skills: [] }, new Date())
  if (!lease) return false
  await workOf(db, lease.id)
  times.push(performance.now() - at)
  at = performance.now()
  const { annotations: answers, activeMs } = answer()
  await submit(platform, { assignment: lease.id, person: person.id, key: lease.id, answers, activeMs })
  times.push(performance.now() - at)
  return true
}

const postmaster = (await database.pool.query("SELECT pg_read_file('postmaster.pid') AS text")).rows[0].text.split(
  '\n',
)[0]
const results = { http: [], sql: [] }
await measure(overHttp)
for (let round = 0; round < rounds; round++) {
  results.http.push(await measure(overHttp))
  results.sql.push(await measure(withoutHttp))
}
const median = (list, key) =>
  percentile(
    list.map((one) => one[key]),
    0.5,
  )
for (const name of ['http', 'sql'])
  console.log(
    `${name}: ${median(results[name], 'perSecond').toFixed(0)} pairs/s, p95 ${median(results[name], 'p95').toFixed(1)} ms a call`,
  )
const cost = ['server', 'database', 'client'].map((name) => `${name} ${median(results.http, name).toFixed(2)}`)
console.log(`http, processor ms a pair: ${cost.join(', ')}`)
console.log(`ratio ${(median(results.http, 'perSecond') / median(results.sql, 'perSecond')).toFixed(2)}, goal 0.35`)
const paced = await measure(overHttp, pauseMs)
console.log(
  `one answer each ${pauseMs / 1000} s: ${paced.perSecond.toFixed(0)} pairs/s, median ${paced.p50.toFixed(1)} ms, p95 ${paced.p95.toFixed(1)} ms a call`,
)
await database.close()
server.kill('SIGTERM')
await new Promise((done) => server.once('exit', done))
rmSync(dir, { recursive: true, force: true })
process.exit(0)

// How long the embedded database takes until it answers: the first time, again, and after each kind of death.
//   npm run build && node bench/database/start.mjs [rounds]
// Each opening is a process of its own; the time is from the call of openDatabase to the answer of the first query.
import { spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const connect = new URL('../../dist/server/platform/database/connect.js', import.meta.url).href
const rounds = Number(process.argv[2] ?? 5)
const child = `
  const { openDatabase } = await import(${JSON.stringify(connect)})
  const start = performance.now()
  const database = await openDatabase({ dataDir: process.argv[1], url: '', role: 'serve' })
  await database.pool.query('SELECT 1')
  console.log(performance.now() - start)
  process.stdin.once('data', async () => { await database.close(); process.exit() })
`

/** Opens the folder in a new process; answers the milliseconds it took and the process. */
function open(data) {
  const one = spawn(process.execPath, ['--input-type=module', '-e', child, data], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  return new Promise((done) => one.stdout.once('data', (text) => done({ ms: Number(text), one })))
}
const ended = (one) => new Promise((done) => one.once('exit', done))
const leave = ({ one }) => {
  one.stdin.write('leave\n')
  return ended(one)
}
const kill = ({ one }) => {
  one.kill('SIGKILL')
  return ended(one)
}
/** The process first: it would start the server again. */
async function killBoth(opened, data) {
  await kill(opened)
  process.kill(Number.parseInt(readFileSync(join(data, 'postgres/cluster/postmaster.pid'), 'utf8'), 10), 'SIGKILL')
}

const times = {
  'empty folder': [],
  'opened again': [],
  'adopted after kill -9 of the process': [],
  'after kill -9 of everything': [],
}
for (let round = 0; round < rounds; round++) {
  const data = mkdtempSync(join(tmpdir(), 'plumbline-bench-'))
  chmodSync(data, 0o755)
  const steps = [
    ['empty folder', leave],
    ['opened again', kill],
    ['adopted after kill -9 of the process', killBoth],
    ['after kill -9 of everything', leave],
  ]
  for (const [name, then] of steps) {
    const opened = await open(data)
    times[name].push(opened.ms)
    await then(opened, data)
  }
  rmSync(data, { recursive: true })
}
for (const [name, list] of Object.entries(times)) {
  const sorted = list.sort((a, b) => a - b)
  const median = sorted[Math.floor(sorted.length / 2)]
  console.log(`${name}: median ${median.toFixed(0)} ms, worst ${sorted.at(-1).toFixed(0)} ms (${sorted.length} times)`)
}

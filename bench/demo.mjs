// What the demo's loop takes: seconds of each part and station, from the last judgement to the new policy's first answers,
// and the peak memory of its processes (server with its worker threads, PostgreSQL apart).
//   npm run build && node bench/demo.mjs [--seed 1]
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { measured } from './command.mjs'

const { values } = parseArgs({
  options: { seed: { type: 'string', default: '1' }, port: { type: 'string', default: '7793' } },
})
const dir = mkdtempSync(join(tmpdir(), 'plumbline-demo-'))
const peaks = { server: 0, postgres: 0 }

/** Megabytes that the processes of this data folder hold now; PostgreSQL's shared pages are counted once for each. */
function look() {
  const held = { server: 0, postgres: 0 }
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
      const [, kilobytes] = /Pss:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')) ?? []
      if (command.includes(dir) && command.includes('serve')) held.server += Number(kilobytes) / 1024
      else if (/^postgres: /.test(command)) held.postgres += Number(kilobytes) / 1024
    } catch {}
  for (const name of Object.keys(peaks)) peaks[name] = Math.max(peaks[name], held[name])
}
const watching = setInterval(look, 500)
const { said, seconds } = await measured(['demo', '--data', dir, '--seed', values.seed, '--port', values.port])
clearInterval(watching)
console.log(`whole demo, seed ${values.seed}: ${seconds.toFixed(0)} s; parts: ${JSON.stringify(said.seconds)}`)
for (const { number, latency, ...stations } of said.times)
  console.log(
    `round ${number}: last judgement to the new policy's answers ${latency?.toFixed(1)} s; ${JSON.stringify(stations)}`,
  )
console.log(`peak memory: server ${peaks.server.toFixed(0)} MB, PostgreSQL ${peaks.postgres.toFixed(0)} MB`)
console.log(
  `win rate ${said.policy.winRate.toFixed(2)} [${said.policy.low.toFixed(2)}, ${said.policy.high.toFixed(2)}], KL ${said.policy.kl?.toFixed(2)}; suspects ${said.suspects.map(({ simulatedAs }) => simulatedAs).join(', ')}`,
)
rmSync(dir, { recursive: true, force: true })

// Truth inference, Bradley-Terry and the live state at size, beside Crowd-Kit 1.4.1 and Evalica 0.4.2 from PyPI.
//   npm run build && nice -n 10 node bench/stats/inference.mjs [dawid-skene|large|bradley-terry|live ...]
// What must hold: Dawid-Skene on 1M labels at least 20 times as fast as Crowd-Kit; 10M labels, 4 classes, 5,000 workers in at
// most 0.75 s an iteration and 300 MB; Bradley-Terry on 10M votes over 200 models in at most a fifth of Evalica's time; a live
// update in at most 50 us (p99) at 1M answers. Dawid-Skene is timed in processor seconds, which other work on the machine does
// not change (both sides use one core). The peers run in a virtual environment that this script makes in node_modules/.cache;
// where that fails their rows are skipped, and the script says so.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createLive } from '../../dist/server/stats/live/state.js'
import { bradleyTerry } from '../../dist/server/stats/preference/bradley-terry.js'
import { createRandom } from '../../dist/server/stats/random.js'
import { dawidSkene } from '../../dist/server/stats/truth/dawid-skene.js'
import { labelTable } from '../../dist/server/stats/truth/labels.js'
import { pythonWith, row, seconds } from './figures.mjs'

const here = fileURLToPath(import.meta.url)

const [only, measured] = process.argv.slice(2)
if (only === '--child') {
  if (measured === 'large') large()
  else live()
  process.exit()
}

/** Processor seconds of this process. */
function processor(run) {
  const from = process.cpuUsage()
  run()
  const { user, system } = process.cpuUsage(from)
  return (user + system) / 1e6
}

/** Four classes; every worker right with a probability of their own between .5 and .95. */
function crowd(labels, workers, each) {
  const random = createRandom(1)
  const items = labels / each
  const columns = { item: new Int32Array(labels), worker: new Uint16Array(labels), label: new Uint8Array(labels) }
  const skill = Float64Array.from({ length: workers }, () => 0.5 + 0.45 * random.next())
  for (let i = 0, n = 0; i < items; i++) {
    const truth = random.integer(4)
    const first = random.integer(workers)
    for (let m = 0; m < each; m++, n++) {
      const w = (first + m * 37) % workers
      columns.item[n] = i
      columns.worker[n] = w
      columns.label[n] = random.next() < skill[w] ? truth : random.integer(4)
    }
  }
  return { ...columns, sizes: { items, workers, classes: 4 } }
}

function votes(count, models) {
  const random = createRandom(2)
  const score = Float64Array.from({ length: models }, () => random.normal())
  const left = new Int32Array(count)
  const right = new Int32Array(count)
  const outcome = new Int8Array(count)
  for (let n = 0; n < count; n++) {
    left[n] = random.integer(models)
    right[n] = (left[n] + 1 + random.integer(models - 1)) % models
    outcome[n] = random.next() < 0.1 ? 2 : Number(random.next() > 1 / (1 + Math.exp(score[right[n]] - score[left[n]])))
  }
  return { items: models, left, right, outcome }
}

let python
/** Asked once. */
function peers() {
  python ??= pythonWith('bench-peers', ['crowd-kit==1.4.1', 'evalica==0.4.2'], 'crowdkit, evalica') ?? ''
  return python || undefined
}

/** Runs Python on columns written to a folder; its last line is the seconds that it took. */
function peer(columns, code) {
  const interpreter = peers()
  if (!interpreter) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'bench-'))
  for (const [name, values] of Object.entries(columns)) writeFileSync(join(folder, name), values)
  const types = Object.entries(columns).map(
    ([name, values]) =>
      `${name} = np.fromfile('${join(folder, name)}', dtype='${values.constructor.name.replace('Array', '').toLowerCase()}')`,
  )
  const source = ['import time, numpy as np, pandas as pd', ...types, ...code].join('\n')
  const run = spawnSync(interpreter, ['-W', 'ignore', '-c', source], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  rmSync(folder, { recursive: true })
  return run.status === 0 ? Number(run.stdout.trim().split('\n').at(-1)) : undefined
}

const steps = 20
function dawidSkeneRows() {
  const { item, worker, label, sizes } = crowd(1_000_000, 2_000, 5)
  const infer = () => dawidSkene(labelTable(item, worker, label, sizes), { prior: 0, iterations: steps, tolerance: 0 })
  infer()
  const ours = Math.min(processor(infer), processor(infer), processor(infer))
  const theirs = peer({ item, worker, label }, [
    'from crowdkit.aggregation import DawidSkene',
    "data = pd.DataFrame({'task': item, 'worker': worker, 'label': label})",
    'start = time.process_time()',
    `DawidSkene(n_iter=${steps}, tol=0).fit(data)`,
    'print(time.process_time() - start)',
  ])
  const value = `${ours.toFixed(2)} s`
  if (theirs === undefined) row(`Dawid-Skene, 1M labels, ${steps} iterations`, value)
  else
    row(
      `Dawid-Skene, 1M labels, ${steps} iterations`,
      `${value}; Crowd-Kit ${theirs.toFixed(1)} s, ${(theirs / ours).toFixed(0)} times`,
      theirs / ours >= 20,
    )
}

/** In a process of its own, so that its memory is its own. */
function large() {
  const table = (() => {
    const { item, worker, label, sizes } = crowd(10_000_000, 5_000, 10)
    return labelTable(item, worker, label, sizes)
  })()
  const few = processor(() => dawidSkene(table, { iterations: 2, tolerance: 0 }))
  const many = processor(() => dawidSkene(table, { iterations: 12, tolerance: 0 }))
  console.log(JSON.stringify({ iteration: (many - few) / 10, megabytes: process.resourceUsage().maxRSS / 1024 }))
}

function live() {
  const random = createRandom(3)
  const design = { usual: 0.9, worse: 0.7, batch: 1, concentration: Number.POSITIVE_INFINITY }
  const state = createLive({ classes: 3, detector: { kind: 'cusum', design, threshold: 5, falseAlarmsPer1000: 1 } })
  const answers = 1_000_000
  const micros = new Float64Array(answers)
  for (let n = 0; n < answers; n++) {
    const truth = random.integer(3)
    const left = random.integer(20)
    const answer = {
      item: `item-${random.integer(answers / 4)}`,
      worker: `worker-${random.integer(500)}`,
      label: random.next() < 0.8 ? truth : random.integer(3),
      gold: random.next() < 0.1 ? truth : undefined,
      side: random.next() < 0.5 ? 'left' : 'right',
      pair: {
        left: `model-${left}`,
        right: `model-${(left + 1 + random.integer(19)) % 20}`,
        outcome: random.integer(3),
      },
    }
    const from = performance.now()
    state.apply(answer)
    state.alpha()
    micros[n] = (performance.now() - from) * 1000
  }
  const tail = micros
    .subarray(answers * 0.8)
    .slice()
    .sort()
  const at = (q) => tail[Math.floor(q * (tail.length - 1))]
  console.log(JSON.stringify({ p50: at(0.5), p99: at(0.99), p999: at(0.999) }))
}

const child = (name) =>
  JSON.parse(
    execFileSync(process.execPath, [here, '--child', name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 2] }),
  )

function bradleyTerryRows() {
  const data = votes(10_000_000, 200)
  bradleyTerry(data)
  const ours = Math.min(
    seconds(() => bradleyTerry(data)),
    seconds(() => bradleyTerry(data)),
  )
  const { left, right, outcome } = data
  const theirs = peer({ left, right, outcome }, [
    'import evalica',
    'from evalica import Winner',
    'names = [Winner.X, Winner.Y, Winner.Draw]',
    'xs, ys = left.tolist(), right.tolist()',
    'winners = [names[o] for o in outcome.tolist()]',
    'start = time.perf_counter()',
    'evalica.bradley_terry(xs, ys, winners)',
    'print(time.perf_counter() - start)',
  ])
  const value = `${ours.toFixed(2)} s with errors`
  if (theirs === undefined) row('Bradley-Terry, 10M votes, 200 models', value)
  else
    row(
      'Bradley-Terry, 10M votes, 200 models',
      `${value}; Evalica ${theirs.toFixed(2)} s, 1/${(theirs / ours).toFixed(1)}`,
      ours <= theirs / 5,
    )
}

const wanted = (name) => only === undefined || process.argv.includes(name)
if (wanted('dawid-skene')) dawidSkeneRows()
if (wanted('large')) {
  const { iteration, megabytes } = child('large')
  row(
    'Dawid-Skene, 10M labels, 4 classes, 5,000 workers',
    `${iteration.toFixed(2)} processor s an iteration`,
    iteration <= 0.75,
  )
  row('  peak memory of the process', `${megabytes.toFixed(0)} MB`, megabytes <= 300)
}
if (wanted('bradley-terry')) bradleyTerryRows()
if (wanted('live')) {
  const { p50, p99, p999 } = child('live')
  row(
    'live update at 1M answers',
    `p50 ${p50.toFixed(1)} us, p99 ${p99.toFixed(1)} us, p99.9 ${p999.toFixed(1)} us`,
    p99 <= 50,
  )
}

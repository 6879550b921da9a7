// Krippendorff's alpha and the bootstrap at size, beside the packages `krippendorff` and `irrCAC` from PyPI where Python has them.
//   npm run build && nice -n 10 node bench/stats/agreement.mjs
// What must hold: alpha takes time linear in the ratings (4M ratings at most 5.5 times the time of 1M), and 1,000 resamples of
// 100k items show their progress. The peer runs in a virtual environment that this script makes in node_modules/.cache.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { agreement } from '../../dist/server/stats/agreement/agreement.js'
import { bootstrapAgreement } from '../../dist/server/stats/agreement/bootstrap.js'
import { weightDistance } from '../../dist/server/stats/agreement/distances.js'
import { prepare } from '../../dist/server/stats/agreement/prepared.js'
import { createRandom } from '../../dist/server/stats/random.js'
import { pythonWith, row, seconds } from './figures.mjs'

/** `ratings` ratings, four an item, of `raters` raters with five categories. */
function crowd(ratings, raters = 500) {
  const random = createRandom(1)
  const items = ratings / 4
  const item = new Int32Array(ratings)
  const rater = new Int32Array(ratings)
  const category = new Int32Array(ratings)
  for (let i = 0; i < items; i++) {
    const truth = random.integer(5)
    const first = random.integer(raters)
    for (let k = 0; k < 4; k++) {
      item[4 * i + k] = i
      rater[4 * i + k] = (first + k) % raters
      category[4 * i + k] = random.next() < 0.7 ? truth : random.integer(5)
    }
  }
  return {
    items,
    raters,
    categories: ['1', '2', '3', '4', '5'],
    numbers: Float64Array.of(1, 2, 3, 4, 5),
    item,
    rater,
    category,
  }
}

/** The best of five, after one run to warm up. */
const best = (run) => {
  run()
  return Math.min(...[1, 2, 3, 4, 5].map(() => seconds(run)))
}

const [large, larger] = [crowd(1_000_000), crowd(4_000_000)]
for (const metric of ['nominal', 'ordinal', 'interval', 'ratio']) {
  const [few, many] = [large, larger].map((ratings) => best(() => agreement(ratings, ['krippendorff'], { metric })))
  row(
    `alpha ${metric}, 1M ratings`,
    `${few.toFixed(3)} s; 4M take ${(many / few).toFixed(1)} times that`,
    many / few <= 5.5,
  )
}
row(
  'every coefficient, 1M ratings',
  `${best(() => agreement(large, ['percent', 'fleiss', 'conger', 'brennan-prediger', 'gwet', 'krippendorff'])).toFixed(3)} s`,
)

const hundred = crowd(400_000)
const prepared = prepare(hundred, weightDistance('identity', hundred))
for (const over of ['items', 'items and raters']) {
  let steps = 0
  const spent = seconds(() => {
    const run = bootstrapAgreement(prepared, 'krippendorff', { over, seed: 1 })
    while (!run.next().done) steps++
  })
  row(`bootstrap over ${over}, 1,000 x 100k items`, `${spent.toFixed(1)} s, ${steps} times progress`, steps === 100)
}

const python = pythonWith('bench-stats-python', ['krippendorff==0.8.2', 'numpy'], 'krippendorff, numpy')
if (python) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-stats-'))
  const values = large.category
  // The peer takes one row a rater or counts of values by item; the counts are the faster form.
  const counts = new Uint8Array(large.items * 5)
  for (let r = 0; r < values.length; r++) counts[large.item[r] * 5 + values[r]]++
  writeFileSync(join(folder, 'counts.bin'), counts)
  const code = `
import numpy, krippendorff, time, json
counts = numpy.fromfile('${join(folder, 'counts.bin')}', dtype=numpy.uint8).reshape(-1, 5).astype(int)
out = {}
for level in ['nominal', 'ordinal', 'interval', 'ratio']:
    best = 1e9
    for _ in range(2):
        start = time.perf_counter()
        alpha = krippendorff.alpha(value_counts=counts, value_domain=[1, 2, 3, 4, 5], level_of_measurement=level)
        best = min(best, time.perf_counter() - start)
    out[level] = [alpha, best]
print(json.dumps(out))`
  const peer = JSON.parse(execFileSync(python, ['-c', code], { encoding: 'utf8' }))
  for (const [metric, [alpha, spent]] of Object.entries(peer)) {
    const own = agreement(large, ['krippendorff'], { metric }).krippendorff.estimate
    const ours = best(() => agreement(large, ['krippendorff'], { metric }))
    row(
      `alpha ${metric}: krippendorff 0.8.2 on counts`,
      `${spent.toFixed(3)} s; ${(spent / ours).toFixed(1)} times ours; differs by ${Math.abs(alpha - own).toExponential(1)}`,
      Math.abs(alpha - own) < 1e-9,
    )
  }
  rmSync(folder, { recursive: true })
}

// Active choice against the order of arrival, on HH: accuracy on held-out pairs by the number of answers learned.
//   npm run build && node bench/learning/active.mjs [--foldings 30] [--seed 1001]
// A folding: prompts are drawn by lot, a fifth is held out; the rest waits. Both arms learn each answer once, one in the order
// of a lot, the other as src/learn/active chooses: 40 ahead, chosen anew after 20, one in five as it came.
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { readPair } from '../../dist/server/formats/hh.js'
import { commonFeatures, nextOf, pairOf, scoreOf } from '../../dist/server/learn/active/rules.js'
import { learn, newModel, predict } from '../../dist/server/learn/reward/model.js'
import { createRandom } from '../../dist/server/stats/random.js'

const { values } = parseArgs({
  options: {
    foldings: { type: 'string', default: '30' },
    // Others than those that the rule was picked by (1 to 12).
    seed: { type: 'string', default: '1001' },
    share: { type: 'string', default: '0.2' },
  },
})
const file = new URL('../../../shared/data/hh-rlhf/harmless-base.first1800.jsonl.gz', import.meta.url)
const pairs = gunzipSync(readFileSync(file))
  .toString('utf8')
  .trim()
  .split('\n')
  .map((line, i) => {
    const row = JSON.parse(line)
    const { prompt, responses } = readPair(row.chosen, row.rejected, i, {})
    return { prompt: JSON.stringify(prompt), pair: pairOf(responses[0].content, responses[1].content) }
  })
const at = [50, 100, 200, 300, 400, 600, 800, 1000, 1200, 1400]
const [ahead, between] = [40, 20]

function folding(seed) {
  const random = createRandom(seed)
  const byLot = (list) =>
    list
      .map((item) => [random.next(), item])
      .sort(([a], [b]) => a - b)
      .map(([, item]) => item)
  const prompts = byLot([...new Set(pairs.map(({ prompt }) => prompt))])
  const held = new Set(prompts.slice(0, prompts.length / 5))
  const split = (isHeld) => pairs.filter(({ prompt }) => held.has(prompt) === isHeld).map(({ pair }) => pair)
  return { held: split(true), waiting: byLot(split(false)) }
}

const right = (model, held) =>
  held.reduce((sum, pair) => {
    const { probability } = predict(model, pair)
    return sum + (probability === 0.5 ? 0.5 : Number(probability > 0.5))
  }, 0) / held.length

/** `next(model, waiting)` names what is answered next. */
function curve({ held, waiting }, next) {
  const model = newModel()
  const seen = []
  let [left, n] = [[...waiting], 0]
  while (left.length) {
    const taken = new Set(next(model, left))
    left = left.filter((pair) => !taken.has(pair))
    for (const pair of taken) {
      // The file names the chosen response first: always the same outcome, and the model knows no sides.
      learn(model, pair, 1)
      if (at.includes(++n)) seen.push(right(model, held))
    }
  }
  return seen
}

const arms = {
  arrival: (_, left) => left.slice(0, between),
  active: (model, left) => {
    const common = commonFeatures(left)
    const scores = left.map((pair) => scoreOf(model, pair, common, 0))
    return nextOf(left, scores, ahead, Number(values.share))
      .slice(0, between)
      .map(({ item }) => item)
  },
}

const results = Array.from({ length: Number(values.foldings) }, (_, i) => {
  const folded = folding(Number(values.seed) + i)
  return { arrival: curve(folded, arms.arrival), active: curve(folded, arms.active) }
})
const mean = (numbers) => numbers.reduce((sum, x) => sum + x, 0) / numbers.length
const reach = (numbers) => {
  const centre = mean(numbers)
  const variance = numbers.reduce((sum, x) => sum + (x - centre) ** 2, 0) / (numbers.length - 1)
  return 1.96 * Math.sqrt(variance / numbers.length)
}
const percent = (x) => (100 * x).toFixed(1)
console.log(`${results.length} foldings; 95% intervals of the mean over foldings`)
console.log('answers | as they came | chosen | difference')
for (const [i, n] of at.entries()) {
  const [a, b] = ['arrival', 'active'].map((arm) => results.map((result) => result[arm][i]))
  const differences = b.map((x, j) => x - a[j])
  const [d, r] = [mean(differences), reach(differences)]
  console.log(
    `${n} | ${percent(mean(a))}% | ${percent(mean(b))}% | ${percent(d)} (${percent(d - r)} to ${percent(d + r)})`,
  )
}

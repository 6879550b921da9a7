/** What docs/learning.md says of HH, computed again: five folds by prompt, no text of a fold in its own training. */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { readPair } from '../../formats/hh.ts'
import { createRandom } from '../../stats/random.ts'
import { testShare } from '../../stats/share.ts'
import { difference, featuresOf, type Sparse } from './features.ts'
import { learn, newModel, predict } from './model.ts'

const file = fileURLToPath(new URL('../../../../shared/data/hh-rlhf/harmless-base.first1800.jsonl.gz', import.meta.url))
const there = existsSync(file)
const folds = 5

interface Judged {
  prompt: string
  pair: Sparse
  /** 1 where the chosen answer is the longer, 1/2 where both are as long. */
  longer: number
}

function judgedPairs(): Judged[] {
  const lines = gunzipSync(readFileSync(file)).toString('utf8').trim().split('\n')
  return lines.map((line, i) => {
    const row = JSON.parse(line) as { chosen: string; rejected: string }
    const { prompt, responses } = readPair(row.chosen, row.rejected, i, {})
    const [chosen, rejected] = [responses[0]!.content, responses[1]!.content]
    const lead = Math.sign(chosen.length - rejected.length)
    return {
      prompt: JSON.stringify(prompt),
      pair: difference(featuresOf(chosen), featuresOf(rejected)),
      longer: (lead + 1) / 2,
    }
  })
}

/** Accuracy and log-loss over all folds; `side`: of naming the side that won most in training, where sides are drawn by lot. */
function crossValidated(pairs: Judged[], seed: number) {
  const random = createRandom(seed)
  const foldOf = new Map<string, number>()
  for (const prompt of [...new Set(pairs.map(({ prompt }) => prompt))]
    .map((prompt) => [random.next(), prompt] as const)
    .sort(([a], [b]) => a - b)
    .map(([, prompt]) => prompt))
    foldOf.set(prompt, foldOf.size % folds)
  const onLeft = pairs.map(() => random.integer(2) === 1)
  let [hits, loss, side] = [0, 0, 0]
  for (let fold = 0; fold < folds; fold++) {
    const model = newModel()
    let lefts = 0
    for (const [i, { prompt, pair }] of pairs.entries())
      if (foldOf.get(prompt) !== fold) {
        learn(model, pair, 1)
        lefts += onLeft[i] ? 1 : -1
      }
    for (const [i, { prompt, pair }] of pairs.entries())
      if (foldOf.get(prompt) === fold) {
        const { probability } = predict(model, pair)
        hits += probability === 0.5 ? 0.5 : Number(probability > 0.5)
        loss -= Math.log(probability)
        side += Number(onLeft[i] === lefts > 0)
      }
  }
  return { accuracy: hits / pairs.length, logLoss: loss / pairs.length, side: side / pairs.length }
}

it.skipIf(!there)(
  there ? 'is right of 60% of HH pairs or more, where the longer answer wins 45%' : `SKIPPED, no data: ${file}`,
  () => {
    const pairs = judgedPairs()
    expect(pairs).toHaveLength(1800)
    const runs = [1, 2, 3, 4, 5].map((seed) => crossValidated(pairs, seed))
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
    const accuracy = mean(runs.map((run) => run.accuracy))
    const side = mean(runs.map((run) => run.side))
    const logLoss = mean(runs.map((run) => run.logLoss))
    const { low } = testShare(Math.round(accuracy * pairs.length), pairs.length)
    const longer = mean(pairs.map((pair) => pair.longer))
    expect(accuracy).toBeGreaterThanOrEqual(0.6)
    expect(logLoss).toBeLessThan(Math.log(2))
    expect(longer).toBeCloseTo(0.45, 2)
    expect(side).toBeGreaterThan(0.46)
    expect(side).toBeLessThan(0.54)
    expect(low).toBeGreaterThan(0.5)
  },
  20_000,
)

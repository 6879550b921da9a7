import { expect, it } from 'vitest'
import { type ModelConfig, presets, type Weights } from '../model/config.ts'
import { initialWeights } from '../model/parameters.ts'
import { randomOf } from '../random.ts'
import { openDecoder } from './decoder.ts'

const tiny: ModelConfig = {
  ...presets['preset:1m'],
  vocabSize: 47,
  hiddenSize: 64,
  intermediateSize: 48,
  layers: 2,
  heads: 4,
  keyValueHeads: 2,
  headDim: 16,
  attentionBias: true,
  maxPositions: 160,
  eosTokenIds: [],
}
const weights = initialWeights(tiny, 1)
for (const { shape, data } of weights.values())
  if (shape.length > 1) for (let i = 0; i < data.length; i++) data[i] = 12 * data[i]!
const open = (own: Weights) => openDecoder({ config: tiny, weights: own, threads: 2 })
const prompts = [
  [1, 2, 3],
  [4, 5, 6, 7, 8, 9, 10, 11, 12],
]

/** Matrices of random four-bit blocks, expanded and as they are; what is no multiple of 32 wide stays whole. */
function fourBits(from: Weights): { packed: Weights; expanded: Weights } {
  const random = randomOf(9)
  const [packed, expanded]: Weights[] = [new Map(from), new Map(from)]
  for (const [name, { shape, data }] of from) {
    if (!/_proj\.weight$/.test(name) || shape[1]! % 32) continue
    const nibbles = Uint8Array.from({ length: data.length / 2 }, () => random.integer(256))
    const scales = Float32Array.from({ length: data.length / 32 }, () => 0.01 + 0.05 * random.uniform())
    // One kind of file has offsets, another none.
    const shift = name.includes('self_attn') ? 0.2 : 0
    const offsets = scales.map(() => shift * random.normal())
    const numbers = data.map((_, i) => {
      const q = i % 2 ? nibbles[i >> 1]! >> 4 : nibbles[i >> 1]! & 15
      return scales[i >> 5]! * (q - 8) + offsets[i >> 5]!
    })
    expanded.set(name, { shape, data: numbers })
    packed.set(name, { shape, data: numbers, quantised: () => ({ nibbles, scales, offsets }) })
  }
  return { packed, expanded }
}

it.for([1, 5])('multiplies with four bits as with the numbers they stand for, %i rows', async (rows) => {
  const { packed, expanded } = fourBits(weights)
  const [four, whole] = [await open(packed), await open(expanded)]
  const options = { maxTokens: 24, temperature: 0, seed: 0 }
  const asked = Array.from({ length: rows }, (_, i) => prompts[i % 2]!.map((token) => token + i))
  const [ours, theirs] = [await four.generate(asked, options), await whole.generate(asked, options)]
  for (const [i, { tokens, logProbs }] of ours.entries()) {
    expect(tokens).toEqual(theirs[i]!.tokens)
    for (const [n, y] of logProbs.entries()) expect(Math.abs(y - theirs[i]!.logProbs[n]!)).toBeLessThan(2e-4)
  }
  // The policy after an update: adapted layers are numbers now, the others stand as they are.
  const name = 'model.layers.0.self_attn.q_proj.weight'
  const tuned = { shape: expanded.get(name)!.shape, data: expanded.get(name)!.data.map((x) => 1.5 * x) }
  four.setWeights(new Map([...packed, [name, tuned]]))
  whole.setWeights(new Map([...expanded, [name, tuned]]))
  const [after, expected] = [await four.generate(asked, options), await whole.generate(asked, options)]
  expect(after.map(({ tokens }) => tokens)).toEqual(expected.map(({ tokens }) => tokens))
  expect(after.map(({ tokens }) => tokens)).not.toEqual(ours.map(({ tokens }) => tokens))
  await four.close()
  await whole.close()
})

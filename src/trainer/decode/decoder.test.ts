import { expect, it } from 'vitest'
import { type ModelConfig, presets, type Weights } from '../model/config.ts'
import { initialWeights } from '../model/parameters.ts'
import { openTrainingSession } from '../model/training.ts'
import { randomOf } from '../random.ts'
import { rowsAtOnce } from './cache.ts'
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
  tieWordEmbeddings: false,
  maxPositions: 160,
  eosTokenIds: [],
}

function lively(config: ModelConfig): Weights {
  const random = randomOf(5)
  const weights = initialWeights(config, 1)
  for (const { shape, data } of weights.values())
    if (shape.length > 1) for (let i = 0; i < data.length; i++) data[i] = 0.25 * random.normal()
  return weights
}

const weights = lively(tiny)
const open = (config = tiny, own = weights) => openDecoder({ config, weights: own, threads: 2 })
const prompts = [[1, 2, 3], [4, 5, 6, 7, 8, 9, 10, 11, 12], [13], [1, 2, 3]]

it.each([0, 0.7, 1])(
  'gives the log-probabilities that the training graph gives, drawn at %f, for rows of different length',
  async (temperature) => {
    const decoder = await open()
    const completions = await decoder.generate(prompts, { maxTokens: 12, temperature, seed: 4 })
    const session = await openTrainingSession({ config: tiny, weights, head: 'lm', threads: 2, seed: 1 })
    const outputs = await session.forward(
      completions.map(({ tokens }, i) => ({
        tokens: [...prompts[i]!, ...tokens],
        mask: [...prompts[i]!.map(() => 0), ...tokens.map(() => 1)],
      })),
    )
    for (const [i, { logProbs, tokens, finish }] of completions.entries()) {
      expect(tokens).toHaveLength(12)
      expect(finish).toBe('length')
      for (const [n, y] of logProbs.entries()) expect(Math.abs(y - outputs[i]![n]!)).toBeLessThan(2e-4)
    }
    await session.close()
    await decoder.close()
  },
)

it('gives a row the same course alone as in a batch, greedily', async () => {
  const decoder = await open()
  const options = { maxTokens: 20, temperature: 0, seed: 0 }
  const together = await decoder.generate(prompts, options)
  for (const [i, prompt] of prompts.entries()) {
    const [alone] = await decoder.generate([prompt], options)
    expect(alone!.tokens).toEqual(together[i]!.tokens)
  }
  expect(together[0]!.tokens).toEqual(together[3]!.tokens)
  await decoder.close()
})

it('draws each row from its own seed, whatever it is batched with', async () => {
  const decoder = await open()
  const options = { maxTokens: 20, temperature: 1, seed: 0 }
  const seeds = [11, 12, 13, 14]
  const together = await decoder.generate(prompts, { ...options, seeds })
  const turned = await decoder.generate(prompts.toReversed(), { ...options, seeds: seeds.toReversed() })
  expect(turned.toReversed().map(({ tokens }) => tokens)).toEqual(together.map(({ tokens }) => tokens))
  const [alone] = await decoder.generate([prompts[2]!], { ...options, seed: 13 })
  expect(alone!.tokens).toEqual(together[2]!.tokens)
  expect(together[0]!.tokens).not.toEqual(together[3]!.tokens)
  await decoder.close()
})

it('gives a row the same course when not all rows are answered at once', async () => {
  const [decoder, long] = [await open(), await open({ ...tiny, maxPositions: 400_000 })]
  const options = { temperature: 1, seed: 7 }
  const together = await decoder.generate(prompts, { ...options, maxTokens: 8 })
  const order: number[] = []
  const onToken = (row: number, _: number, soFar: readonly number[]) => {
    order.push(row)
    return soFar.length === 8
  }
  // A row that may grow so long could fill more than a third of the bound.
  const apart = await long.generate(prompts, { ...options, maxTokens: 400_000, onToken })
  expect(rowsAtOnce(long.config, 400_000)).toBe(2)
  expect(order.indexOf(2)).toBe(2 * 8)
  expect(apart.map(({ tokens }) => tokens)).toEqual(together.map(({ tokens }) => tokens))
  await decoder.close()
  await long.close()
})

it('gives a row the same course when its neighbours fill the cache and end', async () => {
  const decoder = await open()
  const long = Array.from({ length: 60 }, (_, i) => i % 40)
  const options = { maxTokens: 90, temperature: 0, seed: 0 }
  const ends = {
    ...options,
    onToken: (row: number, _: number, soFar: readonly number[]) => row > 1 && soFar.length === 5,
  }
  const together = await decoder.generate([[5, 6], [7], long, [...long, 1]], ends)
  for (const [i, prompt] of [[5, 6], [7]].entries())
    expect(together[i]!.tokens).toEqual((await decoder.generate([prompt], options))[0]!.tokens)
  expect(together[2]!.tokens).toHaveLength(5)
  await decoder.close()
})

it('ends rows at a stop token, on demand, or at the last position, while others go on', async () => {
  const decoder = await open()
  const free = await decoder.generate(prompts, { maxTokens: 200, temperature: 1, seed: 4 })
  expect(free.map(({ tokens, finish }) => [tokens.length, finish])).toEqual(
    prompts.map((prompt) => [160 - prompt.length, 'length']),
  )
  const stop = free[1]!.tokens[2]!
  const seen: number[][] = prompts.map(() => [])
  const ended = await decoder.generate(prompts, {
    maxTokens: 30,
    temperature: 1,
    seed: 4,
    stopTokenIds: [stop],
    onToken: (row, token, soFar) => {
      seen[row]!.push(token)
      return row === 2 && soFar.length === 5
    },
  })
  expect(seen).toEqual(ended.map(({ tokens }) => tokens))
  for (const [i, { tokens, finish }] of ended.entries()) {
    const expected = free[i]!.tokens.slice(0, 30)
    const at = expected.indexOf(stop)
    const length = Math.min(at < 0 ? 30 : at + 1, i === 2 ? 5 : 30)
    expect(tokens).toEqual(expected.slice(0, length))
    expect(finish).toBe(at >= 0 && at + 1 === length ? 'end' : i === 2 ? 'stopped' : 'length')
  }
  await decoder.close()
})

it('returns the most probable tokens, best first, with the log-probability of the one drawn', async () => {
  const decoder = await open()
  const [completion] = await decoder.generate([[1, 2]], { maxTokens: 3, temperature: 0, seed: 0, topLogProbs: 4 })
  for (const [n, top] of completion!.topLogProbs!.entries()) {
    expect(top).toHaveLength(4)
    expect(top[0]).toEqual({ id: completion!.tokens[n], logprob: expect.closeTo(completion!.logProbs[n]!, 5) })
    expect(top.map(({ logprob }) => logprob)).toEqual(top.map(({ logprob }) => logprob).sort((a, b) => b - a))
  }
  await decoder.close()
})

it('penalises repetition in each of several samples of a prompt alike', async () => {
  const decoder = await open()
  const options = { maxTokens: 10, temperature: 0, seed: 0, repetitionPenalty: 3 }
  const [alone] = await decoder.generate([[1, 2, 3]], options)
  const [, , third] = await decoder.generate(
    [
      [1, 2, 3],
      [1, 2, 3],
      [1, 2, 3],
    ],
    options,
  )
  expect(third!.tokens).toEqual(alone!.tokens)
  await decoder.close()
})

it('follows new weights', async () => {
  const decoder = await open()
  const before = await decoder.generate([[1]], { maxTokens: 8, temperature: 0, seed: 0 })
  decoder.setWeights(lively({ ...tiny, eosTokenIds: [1] }))
  expect(await decoder.generate([[1]], { maxTokens: 8, temperature: 0, seed: 0 })).toEqual(before)
  decoder.setWeights(initialWeights(tiny, 9))
  expect(await decoder.generate([[1]], { maxTokens: 8, temperature: 0, seed: 0 })).not.toEqual(before)
  await decoder.close()
})

it.each([
  [[], /no tokens/],
  [[47], /outside the vocabulary/],
  [Array(160).fill(1), /no room/],
])('refuses a prompt that does not fit, and names it', async (prompt, message) => {
  const decoder = await open()
  const generation = decoder.generate([[1], prompt], { maxTokens: 1, temperature: 0, seed: 0 })
  await expect(generation).rejects.toMatchObject({ where: 'prompt 1', message: expect.stringMatching(message) })
  await decoder.close()
})

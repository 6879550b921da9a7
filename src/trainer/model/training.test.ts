import { describe, expect, it } from 'vitest'
import { randomOf } from '../random.ts'
import type { ModelConfig, Weights } from './config.ts'
import { initialWeights } from './parameters.ts'
import type { Adapter, Coefficients, Outputs, Sequence, TrainingSession } from './session.ts'
import { openTrainingSession } from './training.ts'

const tiny: ModelConfig = {
  vocabSize: 31,
  hiddenSize: 24,
  intermediateSize: 40,
  layers: 2,
  heads: 6,
  keyValueHeads: 2,
  headDim: 4,
  ropeTheta: 10_000,
  rmsNormEps: 1e-5,
  tieWordEmbeddings: true,
  attentionBias: true,
  attentionOutputBias: false,
  maxPositions: 64,
  eosTokenIds: [0],
}

/** Larger than a start from scratch, so that every path carries gradient. */
function lively(config: ModelConfig): Weights {
  const random = randomOf(5)
  const weights = initialWeights(config, 1)
  for (const { shape, data } of weights.values())
    for (let i = 0; i < data.length; i++) data[i] = (shape.length > 1 ? 0 : data[i]!) + 0.3 * random.normal()
  return weights
}

const rowsOf = (seed: number, count = 3): Sequence[] => {
  const random = randomOf(seed)
  return Array.from({ length: count }, (_, row) => {
    const tokens = Array.from({ length: 5 + 3 * row }, () => random.integer(tiny.vocabSize))
    return { tokens, mask: tokens.map((_, i) => (i > 2 ? 1 : 0)) }
  })
}

const like = (outputs: Outputs, value: (row: number, n: number) => number): Outputs =>
  outputs.map((row, r) => row.map((_, n) => value(r, n)))
/** Mean negative log-likelihood. */
const mean = (outputs: Outputs): Outputs => {
  const count = outputs.reduce((sum, row) => sum + row.length, 0)
  return like(outputs, () => 1 / count)
}
const open = (
  rest: {
    adapter?: Adapter
    head?: 'lm' | 'scalar'
    config?: ModelConfig
    temperature?: number
    threads?: number
  } = {},
) =>
  openTrainingSession({
    config: rest.config ?? tiny,
    weights: lively(rest.config ?? tiny),
    head: rest.head ?? 'lm',
    adapter: rest.adapter,
    temperature: rest.temperature,
    threads: rest.threads ?? 1,
    seed: 3,
  })
const copied = (weights: Weights): Weights =>
  new Map([...weights].map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]))
const flat = (outputs: Outputs): number[] => outputs.flatMap((row) => [...row])

async function gradientError(session: TrainingSession, coefficient: (row: number, n: number) => number) {
  const batch = rowsOf(11)
  await session.accumulate(batch, (outputs) => like(outputs, coefficient))
  const gradients = copied(session.gradients())
  const loss = async (): Promise<number> => {
    const outputs = await session.forward(batch)
    return -flat(outputs).reduce((sum, y, i) => sum + y * flat(like(outputs, coefficient))[i]!, 0)
  }
  const random = randomOf(2)
  let [off, norm] = [0, 0]
  for (const [name, { data }] of session.trained())
    for (let n = 0; n < 2; n++) {
      const i = name.includes('embed') ? batch[0]!.tokens[1]! * tiny.hiddenSize + n : random.integer(data.length)
      const here = data[i]!
      const near = async (offset: number): Promise<number> => {
        data[i] = here + offset
        const value = await loss()
        data[i] = here
        return value
      }
      const h = 1e-2
      const slope = (8 * ((await near(h)) - (await near(-h))) - ((await near(2 * h)) - (await near(-2 * h)))) / (12 * h)
      off += (gradients.get(name)!.data[i]! - slope) ** 2
      norm += slope ** 2
    }
  return Math.sqrt(off / norm)
}

const lora: Adapter = { rank: 3, alpha: 6, targets: ['q_proj', 'v_proj', 'o_proj', 'down_proj'], dropout: 0 }

describe('formulas of the graph are the functions they stand for', () => {
  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x))
  const total = (row: ArrayLike<number>) => Array.from(row).reduce((a, b) => a + b, 0)

  async function difference(head: 'lm' | 'scalar', formula: Coefficients, same: (outputs: Outputs) => Outputs) {
    const session = await open({ head, threads: 2 })
    for (const row of session.trained().values()) if (row.shape[0] === 1) row.data.fill(0.3)
    const batch = rowsOf(11, 4)
    const outputs = await session.accumulate(batch, same)
    const expected = copied(session.gradients())
    session.update({ learningRate: 0 })
    const found = await session.accumulate(batch, formula)
    expect(flat(found)).toEqual(flat(outputs))
    let [off, norm] = [0, 0]
    for (const [name, { data }] of session.gradients())
      for (const [i, value] of data.entries()) {
        off += (value - expected.get(name)!.data[i]!) ** 2
        norm += expected.get(name)!.data[i]! ** 2
      }
    await session.close()
    return Math.sqrt(off / norm)
  }

  it.each(['lm', 'scalar'] as const)('comparisons, %s head', async (head) => {
    const comparisons = [
      { label: 1, weight: 0.5, shift: 0.2 },
      { label: 0.3, weight: 0.25, shift: -1 },
    ]
    const sequences = [0, 0, 1, 1].map((comparison, i) => ({ comparison, slope: i % 2 ? -0.4 : 0.4 }))
    const same = (outputs: Outputs) =>
      like(outputs, (row) => {
        const { comparison, slope } = sequences[row]!
        const { label, weight, shift } = comparisons[comparison]!
        const [first, second] = [outputs[2 * comparison]!, outputs[2 * comparison + 1]!]
        return slope * weight * (label - sigmoid(shift + 0.4 * (total(first) - total(second))))
      })
    expect(await difference(head, { sequences, comparisons }, same)).toBeLessThan(1e-5)
  })

  it('a divergence from an anchor', async () => {
    const shape = rowsOf(11, 4).map(({ mask }) => new Float32Array(total(mask)))
    const [given, pull] = [like(shape, (row, n) => row - n / 3), like(shape, (row) => 0.1 * row)]
    const anchor = like(shape, (_, n) => -3 - n / 5)
    const same = (outputs: Outputs) =>
      like(outputs, (row, n) => given[row]![n]! + pull[row]![n]! * Math.exp(anchor[row]![n]! - outputs[row]![n]!))
    expect(await difference('lm', { given, pull, anchor }, same)).toBeLessThan(1e-5)
  })

  it('refuses a comparison that is not there', async () => {
    const session = await open()
    const formula = { sequences: [{ comparison: 1, slope: 1 }], comparisons: [{ label: 1, weight: 1, shift: 0 }] }
    await expect(session.accumulate(rowsOf(11, 1), formula)).rejects.toMatchObject({
      code: 'bad_input',
      where: 'row 0',
    })
    await session.close()
  })
})

describe('gradients of the whole model equal finite differences', () => {
  it.each([
    ['all weights, tied', {}],
    [
      'all weights, untied, llama3 positions',
      {
        config: {
          ...tiny,
          tieWordEmbeddings: false,
          attentionOutputBias: true,
          ropeScaling: { type: 'llama3', factor: 4, lowFreqFactor: 1, highFreqFactor: 4, originalMaxPositions: 32 },
        } as ModelConfig,
      },
    ],
    ['temperature', { temperature: 0.7 }],
    ['scalar head', { head: 'scalar' as const, threads: 2 }],
  ])('%s', async (_, options) => {
    const session = await open(options)
    for (const row of session.trained().values()) if (row.shape[0] === 1) row.data.fill(0.3)
    expect(await gradientError(session, (row, n) => 0.5 + row - 0.7 * n)).toBeLessThan(5e-3)
    await session.close()
  })

  it('adapter', async () => {
    const session = await open({ adapter: lora })
    const random = randomOf(8)
    for (const { data } of session.trained().values())
      for (let i = 0; i < data.length; i++) data[i] = 0.3 * random.normal()
    expect(await gradientError(session, (row, n) => 0.5 + row - 0.7 * n)).toBeLessThan(5e-3)
    await session.close()
  })
})

it('a temperature of a half squares the probabilities, up to their sum', async () => {
  const [plain, tempered] = [await open(), await open({ temperature: 0.5 })]
  const everyToken = Array.from({ length: tiny.vocabSize }, (_, token) => ({ tokens: [3, 5, token], mask: [0, 0, 1] }))
  const squares = flat(await plain.forward(everyToken)).map((logp) => Math.exp(2 * logp))
  const whole = squares.reduce((a, b) => a + b)
  for (const [token, logp] of flat(await tempered.forward(everyToken)).entries())
    expect(Math.exp(logp)).toBeCloseTo(squares[token]! / whole, 5)
  await plain.close()
  await tempered.close()
})

describe('training', () => {
  const losses = async (session: TrainingSession, steps: number): Promise<number[]> => {
    const result: number[] = []
    for (let step = 0; step < steps; step++) {
      const outputs = await session.accumulate(rowsOf(step % 4), mean)
      result.push(-flat(outputs).reduce((sum, y) => sum + y, 0) / flat(outputs).length)
      session.update({ learningRate: 0.01, weightDecay: 0.01 })
    }
    return result
  }

  it('lowers the loss, bit for bit the same for one seed, and close to it on other threads', async () => {
    const [a, b, c] = [await open(), await open(), await open({ threads: 2 })]
    const first = await losses(a, 40)
    expect(first.at(-1)!).toBeLessThan(first[0]! / 3)
    expect(await losses(b, 40)).toEqual(first)
    const other = await losses(c, 10)
    for (const [i, loss] of other.entries()) expect(Math.abs(loss - first[i]!)).toBeLessThan(1e-5 * first[i]! + 1e-5)
    for (const session of [a, b, c]) await session.close()
  })

  it('continues from a state as if it had never stopped, dropout included', async () => {
    const adapter = { ...lora, dropout: 0.2 }
    const whole = await open({ adapter })
    const expected = await losses(whole, 6)
    const first = await open({ adapter })
    await losses(first, 4)
    const { weights, firstMoment, secondMoment, ...counts } = first.state()
    const saved = {
      ...counts,
      weights: copied(weights),
      firstMoment: copied(firstMoment),
      secondMoment: copied(secondMoment),
    }
    const second = await open({ adapter })
    second.restore(saved)
    const batches = await Promise.resolve([0, 1])
    for (const i of batches) {
      const outputs = await second.accumulate(rowsOf(i), mean)
      expect(-flat(outputs).reduce((sum, y) => sum + y, 0) / flat(outputs).length).toBe(expected[4 + i])
      second.update({ learningRate: 0.01, weightDecay: 0.01 })
    }
    expect(flat([...second.trained().values()].map(({ data }) => data))).toEqual(
      flat([...whole.trained().values()].map(({ data }) => data)),
    )
    for (const session of [whole, first, second]) await session.close()
  })

  it('adds up gradients over passes as over one batch', async () => {
    const [one, several] = [await open(), await open()]
    const batch = rowsOf(4, 4)
    await one.accumulate(batch, (outputs) => like(outputs, (row) => row - 1.5))
    await several.accumulate(batch.slice(0, 2), (outputs) => like(outputs, (row) => row - 1.5))
    await several.accumulate(batch.slice(2), (outputs) => like(outputs, (row) => row + 0.5))
    for (const [name, { data }] of one.gradients()) {
      const other = several.gradients().get(name)!.data
      for (let i = 0; i < data.length; i++) expect(Math.abs(data[i]! - other[i]!)).toBeLessThan(2e-4)
    }
    await one.close()
    await several.close()
  })

  it('gives the same gradient for coefficients that are known as for those that are computed', async () => {
    const [known, computed] = [await open(), await open()]
    const batch = rowsOf(2)
    const coefficients = batch.map(({ mask }, row) =>
      Float32Array.from(Array.from(mask).filter(Boolean), () => row - 1.2),
    )
    const outputs = await known.accumulate(batch, coefficients)
    expect(outputs).toEqual(await computed.accumulate(batch, () => coefficients))
    for (const [name, { data }] of known.gradients()) {
      const other = computed.gradients().get(name)!.data
      for (let i = 0; i < data.length; i++) expect(Math.abs(data[i]! - other[i]!)).toBeLessThan(1e-5)
    }
    await known.close()
    await computed.close()
  })

  it('changes nothing when all coefficients are zero', async () => {
    const session = await open()
    const before = copied(session.trained())
    await session.accumulate(rowsOf(1), (outputs) => like(outputs, () => 0))
    expect(session.update({ learningRate: 0.1 }).gradientNorm).toBe(0)
    expect(session.trained()).toEqual(before)
    await session.close()
  })

  it('leaves out an update whose gradient is not finite, and refuses coefficients that are no numbers', async () => {
    const session = await open()
    const before = copied(session.trained())
    await session.accumulate(rowsOf(1), (outputs) => like(outputs, () => 3e38))
    expect(session.update({ learningRate: 0.1 }).applied).toBe(false)
    expect(session.trained()).toEqual(before)
    await expect(session.accumulate(rowsOf(1), (outputs) => like(outputs, () => Number.NaN))).rejects.toThrow(/NaN/)
    await session.close()
  })

  it('clips to the global norm', async () => {
    const session = await open()
    await session.accumulate(rowsOf(1), (outputs) => like(outputs, () => 100))
    const { gradientNorm, clipped } = session.update({ learningRate: 0.1 })
    expect(clipped).toBe(true)
    const moments = flat([...session.state().firstMoment.values()].map(({ data }) => data))
    expect(Math.sqrt(moments.reduce((sum, m) => sum + m * m, 0)) / 0.1).toBeCloseTo(1, 4)
    expect(gradientNorm).toBeGreaterThan(1)
    await session.close()
  })
})

describe('adapters', () => {
  it('start without effect, are left out on demand, and merge into what they compute', async () => {
    const [base, adapted] = [await open(), await open({ adapter: lora })]
    const batch = rowsOf(6)
    const plain = flat(await base.forward(batch))
    expect(flat(await adapted.forward(batch))).toEqual(plain)
    for (let step = 0; step < 5; step++) {
      await adapted.accumulate(batch, mean)
      adapted.update({ learningRate: 0.05 })
    }
    const moved = flat(await adapted.forward(batch))
    expect(moved).not.toEqual(plain)
    expect(flat(await adapted.forward(batch, { adapter: 'off' }))).toEqual(plain)
    const merged = await openTrainingSession({
      config: tiny,
      weights: adapted.merged(),
      head: 'lm',
      threads: 1,
      seed: 1,
    })
    for (const [i, y] of flat(await merged.forward(batch)).entries()) expect(Math.abs(y - moved[i]!)).toBeLessThan(1e-4)
    for (const session of [base, adapted, merged]) await session.close()
  })
})

it('gives each row the output that it has alone, whatever it is packed with', async () => {
  const session = await open()
  const batch = rowsOf(9, 5)
  const together = await session.forward(batch)
  for (const [i, row] of batch.entries()) {
    const [alone] = await session.forward([row])
    for (const [n, y] of alone!.entries()) expect(Math.abs(y - together[i]![n]!)).toBeLessThan(1e-5)
  }
  await session.close()
})

it.each([
  [{ tokens: [], mask: [] }, /empty/],
  [{ tokens: [1, 99], mask: [0, 1] }, /outside the vocabulary/],
  [{ tokens: [1, 2], mask: [1, 1] }, /nothing before it/],
  [{ tokens: [1, 2], mask: [1] }, /1 mask entries/],
  [{ tokens: Array(65).fill(1), mask: Array(65).fill(0) }, /65 tokens/],
])('refuses a row that does not fit, and names it', async (row, message) => {
  const session = await open()
  await expect(session.forward([...rowsOf(1, 1), row])).rejects.toMatchObject({ code: 'bad_input', where: 'row 1' })
  await expect(session.forward([row])).rejects.toThrow(message)
  await session.close()
})

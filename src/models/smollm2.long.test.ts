/**
 * SmolLM2-135M-Instruct from its GGUF against transformers 5.18 on the same file: the same prompt tokens, the same greedy
 * answers, the same first logits. Fetches the model on first use.
 */
import { existsSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Decoder, openDecoder } from '../trainer/decode/decoder.ts'
import { catalogued } from './catalogue.ts'
import { fetchModel } from './fetch.ts'
import { answer, asked } from './generation.ts'
import { type LocalModel, openLocalModel } from './local.ts'

interface Case {
  prompt: string
  inputIds: number[]
  greedy: number[]
  text: string
  firstTop5: [id: number, logit: number][]
  /** Logit of the best token above that of the second, at each step. */
  margins: number[]
}

const file = new URL('../../../shared/data/smollm2/expected.json', import.meta.url)
const cases: Case[] = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).cases : []
const path = await fetchModel(catalogued('smollm2-135m')!, () => {}).catch(() => undefined)
const missing = cases.length === 0 ? 'shared/data/smollm2 is missing' : path ? '' : 'smollm2-135m cannot be fetched'

describe.skipIf(missing)(`SmolLM2 answers as in transformers${missing && ` (skipped: ${missing})`}`, () => {
  let model: LocalModel
  let decoder: Decoder
  beforeAll(async () => {
    model = await openLocalModel(path!)
    decoder = await openDecoder(model)
  })
  afterAll(() => decoder.close())

  it('greedily, all prompts in one batch', async () => {
    const answers = await answer(
      { decoder, text: model.text },
      cases.map(({ prompt }) => asked(prompt, model.text)),
      { maxTokens: 64, temperature: 0, seed: 0, topLogProbs: 5 },
    )
    for (const [i, { inputIds, greedy, margins, firstTop5 }] of cases.entries()) {
      const { promptTokens, tokens, logprobs } = answers[i]!
      expect(promptTokens).toEqual(inputIds)
      // Where two tokens are this close, rounding decides.
      const tie = margins.findIndex((margin) => margin < 0.02)
      const settled = tie === -1 ? greedy.length : tie
      expect(tokens.slice(0, settled)).toEqual(greedy.slice(0, settled))
      if (tie === -1) expect(tokens).toHaveLength(greedy.length)
      const [[, best]] = firstTop5 as [[number, number]]
      for (const [id, logit] of firstTop5) {
        const found = logprobs![0]!.find((token) => token.id === id)
        expect(Math.abs(found!.logprob - logprobs![0]![0]!.logprob - (logit - best))).toBeLessThan(2e-3)
      }
    }
  })
})

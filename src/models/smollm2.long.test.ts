/**
 * SmolLM2-135M-Instruct from its GGUF against transformers 5.18 on the same file: the same prompt tokens, the same greedy
 * answers, the same logits of the whole vocabulary. Fetches the model on first use, and makes a Python where there is none.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { askPython, missingTrainerPython } from '../../test/python.ts'
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

  it('with the logits that transformers computes from the file, all of them', async (context) => {
    const why = missingTrainerPython()
    if (why) context.skip(`SKIPPED: ${why}`)
    const rows = cases.map(({ inputIds }) => inputIds)
    const ours = await decoder.generate(rows, {
      ...{ maxTokens: 1, temperature: 0, seed: 0 },
      topLogProbs: model.config.vocabSize,
    })
    const script = fileURLToPath(new URL('../../python/trainer-parity/loads.py', import.meta.url))
    const job = join(mkdtempSync(join(tmpdir(), 'plumbline-smollm2-')), 'job.json')
    const checks = [{ kind: 'gguf', folder: dirname(path!), file: basename(path!), rows }]
    writeFileSync(job, JSON.stringify({ checks }))
    const [{ outputs }] = askPython(script, job) as [{ outputs: number[][] }]
    rmSync(dirname(job), { recursive: true })
    for (const [i, { topLogProbs }] of ours.entries()) {
      const theirs = outputs[i]!
      const top = Math.max(...theirs)
      const normaliser = top + Math.log(theirs.reduce((sum, logit) => sum + Math.exp(logit - top), 0))
      const apart = topLogProbs![0]!.map(({ id, logprob }) => Math.abs(logprob - (theirs[id]! - normaliser)))
      expect(apart).toHaveLength(model.config.vocabSize)
      expect(Math.max(...apart)).toBeLessThan(2e-3)
    }
  })
})

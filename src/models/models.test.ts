import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { writeAdapter } from '../trainer/checkpoint/adapter.ts'
import { type Decoder, openDecoder } from '../trainer/decode/decoder.ts'
import type { Adapter } from '../trainer/model/session.ts'
import { openTrainingSession } from '../trainer/model/training.ts'
import { readLines } from '../trainer/text/rows.ts'
import { catalogue } from './catalogue.ts'
import { fetched, fetchModel } from './fetch.ts'
import { answer, asked } from './generation.ts'
import { findModel, type LocalModel, openLocalModel } from './local.ts'
import { ollamaModels } from './ollama.ts'
import { openScorer, scoreRows } from './score.ts'

const folder = mkdtempSync(join(tmpdir(), 'models-'))
let model: LocalModel
let decoder: Decoder
beforeAll(async () => {
  model = await openLocalModel('preset:1m')
  decoder = await openDecoder({ ...model, threads: 1 })
})
afterAll(async () => {
  await decoder.close()
  rmSync(folder, { recursive: true })
})
const greedy = { maxTokens: 12, temperature: 0, seed: 0 }

it('answers in text, the same in a batch as alone', async () => {
  const together = await answer({ decoder, text: model.text }, ['hello', 'a longer prompt'], greedy)
  const [alone] = await answer({ decoder, text: model.text }, ['a longer prompt'], greedy)
  expect(together[1]).toEqual(alone)
  expect(alone!.text).toBe(model.text.decode(alone!.tokens))
})

it('streams pieces that add up to the text, and whole characters only', async () => {
  const pieces: string[] = []
  const [one] = await answer({ decoder, text: model.text }, ['hello'], {
    ...greedy,
    temperature: 1,
    maxTokens: 60,
    onText: (_, piece) => void pieces.push(piece),
  })
  expect(pieces.join('')).toBe(one!.text)
  expect(pieces.length).toBeGreaterThan(1)
})

it('ends before a stop string and counts it as stopped', async () => {
  const options = { ...greedy, temperature: 1, seed: 3, maxTokens: 40 }
  const [free] = await answer({ decoder, text: model.text }, ['hello'], options)
  const stop = free!.text.slice(4, 6)
  let told = ''
  const [stopped] = await answer({ decoder, text: model.text }, ['hello'], {
    ...options,
    stop: [stop, 'never said'],
    onText: (_, piece) => {
      told += piece
      return undefined
    },
  })
  expect(stopped).toMatchObject({ text: free!.text.slice(0, free!.text.indexOf(stop)), finish: 'stopped' })
  expect(told).toBe(stopped!.text)
})

it('puts a text to a chat model as the message of a user, to others as it stands', async () => {
  expect(asked('hi', model.text)).toBe('hi')
  const path = join(folder, 'chat.jsonl')
  writeFileSync(path, JSON.stringify({ prompt: [{ role: 'user', content: 'hi' }], completion: 'yes' }))
  const chat = await openLocalModel('preset:1m', { lines: readLines(path) })
  expect(asked('hi', chat.text)).toEqual([{ role: 'user', content: 'hi' }])
})

it('puts an adapter on a model, and refuses one that does not fit', async () => {
  const adapter: Adapter = { rank: 2, alpha: 4, targets: ['q_proj', 'down_proj'], dropout: 0 }
  const session = await openTrainingSession({ ...model, head: 'lm', adapter, threads: 1, seed: 1 })
  for (const { data } of session.trained().values())
    data.forEach((_, i) => {
      data[i] = Math.sin(i)
    })
  const at = join(folder, 'adapter')
  mkdirSync(at)
  writeAdapter(at, adapter, 'preset:1m', session.trained())
  const adapted = await openLocalModel('preset:1m', { adapter: at })
  const name = 'model.layers.1.mlp.down_proj.weight'
  expect(adapted.weights.get(name)!.data).toEqual(session.merged().get(name)!.data)
  expect(adapted.weights.get(name)!.data).not.toEqual(model.weights.get(name)!.data)
  await session.close()
  await expect(openLocalModel('preset:7m', { adapter: at })).rejects.toMatchObject({ code: 'bad_input', where: at })
})

it('scores a pair by likelihood; swapping the responses swaps the scores, and an empty one is valid', async () => {
  const scorer = await openScorer(model, 1)
  const rows = [
    { prompt: 'p', chosen: 'yes', rejected: '' },
    { prompt: 'p', chosen: '', rejected: 'yes' },
  ]
  const single = { prompt: 'p', completion: 'yes', id: 7 }
  const lines = [...rows, single].map((fields, i) => ({ fields, where: `rows:${i + 1}` }))
  const [one, other, third] = await scoreRows(scorer, lines, 64)
  expect(one!.scores[0]).toBeCloseTo(other!.scores[1]!, 5)
  expect(one!.scores[1]).toBeCloseTo(other!.scores[0]!, 5)
  expect(Number.isFinite(one!.scores[1])).toBe(true)
  expect(third).toMatchObject({ fields: { id: 7 } })
  expect(third!.scores).toEqual([expect.closeTo(one!.scores[0]!, 5)])
  await scorer.close()
})

it('finds a model by what the database knows, by path, and says what there is otherwise', async () => {
  expect(await findModel('preset:7m')).toBe('preset:7m')
  expect(await findModel(folder)).toBe(folder)
  expect(await findModel('our-policy', { registered: async () => '/checkpoints/7' })).toBe('/checkpoints/7')
  await expect(findModel('no-such-model')).rejects.toMatchObject({ code: 'not_found', hint: /smollm2-135m/ })
})

it('finds what Ollama has pulled, and passes over what is broken', () => {
  const store = join(folder, 'ollama')
  const digest = 'a'.repeat(64)
  const library = join(store, 'manifests', 'registry.ollama.ai', 'library')
  mkdirSync(join(library, 'llama3.2'), { recursive: true })
  mkdirSync(join(store, 'blobs'))
  writeFileSync(join(store, 'blobs', `sha256-${digest}`), 'GGUF')
  const layers = [{ mediaType: 'application/vnd.ollama.image.model', digest: `sha256:${digest}` }]
  writeFileSync(join(library, 'llama3.2', '1b'), JSON.stringify({ layers }))
  writeFileSync(join(library, 'llama3.2', 'broken'), '{')
  writeFileSync(join(library, 'llama3.2', 'evil'), JSON.stringify({ layers: [{ ...layers[0], digest: '../../x' }] }))
  expect(ollamaModels(store)).toEqual([
    { name: 'ollama:llama3.2:1b', path: join(store, 'blobs', `sha256-${digest}`), bytes: 4 },
  ])
  expect(ollamaModels(join(folder, 'nowhere'))).toEqual([])
})

it('takes a fetched model from the cache without asking anyone', async () => {
  const entry = catalogue[0]!
  const place = join(folder, 'models', entry.name)
  expect(fetched(entry, folder)).toBeUndefined()
  mkdirSync(place, { recursive: true })
  writeFileSync(join(place, entry.fileName), 'GGUF')
  expect(await fetchModel(entry, () => expect.unreachable(), { cache: folder })).toBe(join(place, entry.fileName))
})

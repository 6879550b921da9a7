import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeModel } from '../../../test/checkpoint.ts'
import { runCommand } from '../../../test/command.ts'
import { writeAdapter } from '../../trainer/checkpoint/adapter.ts'
import { readFolder } from '../../trainer/checkpoint/folder.ts'
import type { Weights } from '../../trainer/model/config.ts'
import { adapterShapes, scoreName } from '../../trainer/model/parameters.ts'
import type { Adapter } from '../../trainer/model/session.ts'
import { randomOf } from '../../trainer/random.ts'
import { modelsCommands } from '../cli.ts'
import { openLocalModel } from '../local.ts'

const folder = mkdtempSync(join(tmpdir(), 'plumbline-models-cli-'))
const at = (name: string) => join(folder, name)
const [policy, reward] = [at('policy'), at('reward')]
beforeAll(async () => {
  await writeModel(policy)
  await writeModel(reward, { seed: 3, head: 'scalar' })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const command = (...args: string[]) => runCommand(modelsCommands, ...args)
const rowsOf = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
const file = (name: string, rows: object[]): string => {
  writeFileSync(at(name), rows.map((row) => JSON.stringify(row)).join('\n'))
  return at(name)
}

describe('generate', () => {
  const drawing = ['generate', '--model', policy, '--max-tokens', '6', '--temperature', '1', '--seed', '3']

  it('prints the answer, each of several, or one object an answer', async () => {
    const one = await command(...drawing, '--prompt', 'What is 7?')
    expect(one).toMatchObject({ code: 0, err: expect.stringMatching(/^\d+ tokens, [\d.]+ tokens\/s/) })
    const prompts = file('prompts.jsonl', [{ prompt: 'What is 7?' }, { prompt: 'plus one' }])
    const all = rowsOf((await command(...drawing, '--prompts', prompts, '--n', '2', '--json')).out)
    expect(all.map(({ prompt, sample }) => [prompt, sample])).toEqual([
      ['What is 7?', 0],
      ['What is 7?', 1],
      ['plus one', 0],
      ['plus one', 1],
    ])
    expect((await command(...drawing)).err).toMatch(/--prompt TEXT or --prompts FILE/)
  })

  it('keeps of several answers the one that a reward model scores highest, or draws one', async () => {
    const prompts = file('best.jsonl', [{ prompt: 'What is 7?' }, { prompt: 'plus one' }])
    const draw = [...drawing, '--prompts', prompts, '--n', '4', '--json']
    const all = rowsOf((await command(...draw)).out)
    const answers = file(
      'answers.jsonl',
      all.map(({ prompt, text }) => ({
        prompt: [{ role: 'user', content: prompt }],
        completion: [{ role: 'assistant', content: text }],
      })),
    )
    await command('score', '--model', reward, answers, '--out', at('answers-scored.jsonl'))
    const scores = rowsOf(readFileSync(at('answers-scored.jsonl'), 'utf8')).map(({ score }) => score as number)
    const best = rowsOf((await command(...draw, '--reward-model', reward)).out)
    expect(best).toHaveLength(2)
    for (const [i, one] of best.entries()) {
      const own = scores.slice(4 * i, 4 * i + 4)
      expect(one.reward).toBeCloseTo(Math.max(...own), 4)
      expect(one.sample).toBe(own.indexOf(Math.max(...own)))
      expect(one.text).toBe(all[4 * i + one.sample].text)
    }
    // So soft that only the best is ever drawn.
    const soft = rowsOf((await command(...draw, '--reward-model', reward, '--soft', '0.00001')).out)
    expect(soft.map(({ text }) => text)).toEqual(best.map(({ text }) => text))
    expect(await command(...draw, '--reward-model', policy)).toMatchObject({ code: 2, err: /gives no scores/ })
    const single = await command(...drawing, '--prompt', 'x', '--reward-model', reward)
    expect(single).toMatchObject({ code: 2, err: /where: --n/ })
    const frozen = await command(...draw, '--temperature', '0', '--reward-model', reward)
    expect(frozen).toMatchObject({ code: 2, err: /where: --temperature/ })
    expect(await command(...draw, '--soft', '1')).toMatchObject({ code: 2, err: /where: --soft/ })
  })

  it('asks no reward model for words', async () => {
    expect(await command('generate', '--model', reward, '--prompt', 'x')).toMatchObject({
      code: 2,
      err: /gives scores/,
    })
  })
})

describe('score', () => {
  it('adds a score to each row, two to a pair, and leaves the rest of it as it was', async () => {
    const pair = { prompt: 'What is 7?', chosen: ' plus one', rejected: ' 8', id: 'a', soft: 0.75 }
    const single = { prompt: 'What is 7?', completion: ' plus one', id: 'b', label: true }
    const [out, scored] = [at('scored.jsonl'), file('rows.jsonl', [pair, single])]
    const { out: printed } = await command('score', '--model', reward, scored, '--out', out, '--json')
    const [first, second] = rowsOf(readFileSync(out, 'utf8'))
    expect(first).toEqual({ ...pair, chosen_score: expect.any(Number), rejected_score: expect.any(Number) })
    expect(second).toEqual({ ...single, score: expect.closeTo(first.chosen_score, 4) })
    const right = first.chosen_score > first.rejected_score ? 1 : 0
    expect(JSON.parse(printed)).toMatchObject({ pairs: 1, accuracy: right, rows: 1, meanScore: second.score })
    const { out: said } = await command('score', '--model', reward, scored)
    expect(said).toMatch(/^1 pairs: accuracy [01]\.000 .*\n1 rows: mean score /)
  })

  it('names the row that cannot be scored', async () => {
    const rows = file('bad.jsonl', [{ prompt: 'x', completion: 'y' }, { prompt: 'x' }])
    expect(await command('score', '--model', reward, rows)).toMatchObject({ code: 2, err: /bad\.jsonl:2/ })
  })
})

describe('model export', () => {
  /** An adapter of random numbers on the policy, for words or for scores. */
  function adapterOn(name: string, { isReward = false } = {}): string {
    const { config } = readFolder(policy)
    const random = randomOf(7)
    const adapter: Adapter = { rank: 2, alpha: 4, targets: ['q_proj', 'down_proj'], dropout: 0 }
    const filled = (shape: readonly number[]) => ({
      shape: [...shape],
      data: Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => random.normal() / 10),
    })
    const trained: Weights = new Map()
    for (const [tensor, shape] of adapterShapes(config, adapter)) trained.set(tensor, filled(shape))
    if (isReward) trained.set(scoreName, filled([1, config.hiddenSize]))
    mkdirSync(at(name))
    writeFileSync(at(`${name}/tokenizer.json`), readFileSync(join(policy, 'tokenizer.json')))
    writeFileSync(at(`${name}/tokenizer_config.json`), readFileSync(join(policy, 'tokenizer_config.json')))
    writeAdapter(at(name), adapter, policy, trained)
    return at(name)
  }

  it.each([
    ['a language model', false],
    ['a reward model', true],
  ])('writes %s whole, its adapter merged in', async (_, isReward) => {
    const adapter = adapterOn(`adapter-${isReward}`, { isReward })
    const out = at(`deep/merged-${isReward}`)
    const printed = await command('model', 'export', adapter, '--out', out, '--json')
    const head = isReward ? 'scalar' : 'lm'
    expect(JSON.parse(printed.out)).toMatchObject({ out, head })
    const written = readFolder(out)
    const { weights } = await openLocalModel(adapter)
    expect(written.head).toBe(head)
    expect([...written.weights.keys()].sort()).toEqual([...weights.keys()].sort())
    for (const [name, { data }] of weights) expect(written.weights.get(name)!.data).toEqual(data)
    expect(weights.get('model.layers.0.self_attn.q_proj.weight')!.data).not.toEqual(
      readFolder(policy).weights.get('model.layers.0.self_attn.q_proj.weight')!.data,
    )
    expect((await openLocalModel(out)).text.encode('What is 7?')).toEqual(
      (await openLocalModel(policy)).text.encode('What is 7?'),
    )
  })

  it('writes nothing into a folder that is used, of a preset, or of what is no model', async () => {
    mkdirSync(at('none.1'))
    expect(await command('model', 'export', policy, '--out', reward)).toMatchObject({ code: 2, err: /where: --out/ })
    expect(await command('model', 'export', 'preset:1m', '--out', at('none'))).toMatchObject({ err: /untrained/ })
    expect((await command('model', 'export', at('rows.jsonl'), '--out', at('none'))).code).toBe(2)
    expect(readdirSync(folder).filter((name) => name.startsWith('none'))).toEqual(['none.1'])
  })
})

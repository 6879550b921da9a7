/** `generate`: answers prompts with a model on this machine. */
import type { Command } from 'commander'
import { action, decimal, example, print, say, whole } from '../../platform/command.ts'
import { fail } from '../../platform/errors.ts'
import type { Text } from '../../trainer/text/rows.ts'
import { inData, located, type Naming } from './registered.ts'

interface GenerateOptions extends Naming {
  adapter?: string
  prompt?: string
  prompts?: string
  n: number
  maxTokens: number
  temperature?: number
  topK?: number
  topP?: number
  repetitionPenalty?: number
  stop?: string[]
  seed: number
  topLogprobs?: number
  rewardModel?: string
  soft?: number
  threads?: number
  json?: boolean
}

async function promptsOf({ prompt, prompts }: GenerateOptions) {
  if ((prompt === undefined) === (prompts === undefined))
    fail('bad_input', 'Give either --prompt TEXT or --prompts FILE.', { where: 'generate' })
  if (prompt !== undefined) return [prompt]
  const { promptRow, readLines } = await import('../../trainer/text/rows.ts')
  return readLines(prompts!).map((line) => promptRow(line).prompt)
}

const tellEveryMs = 500

/** Tells how far it is; asked after each token, and stops none. `most` tokens at the longest. */
function progressOf(start: number, most: number): () => boolean {
  let [count, told] = [0, start]
  return () => {
    count++
    const now = performance.now()
    if (now - told < tellEveryMs) return false
    told = now
    const perSecond = (1000 * count) / (now - start)
    const left = Math.ceil((most - count) / perSecond)
    process.stderr.write(`\r\x1b[K${count} tokens, ${perSecond.toFixed(1)} tokens/s, ${left} s left at most`)
    return false
  }
}

/** Of the `n` answers to each prompt the one that a reward model scores highest, or one drawn the likelier the higher it scores. */
async function best(
  options: GenerateOptions,
  items: readonly { prompt: Text; response: string }[],
): Promise<{ place: number; reward: number }[]> {
  const { n, seed, soft, threads } = options
  const [{ openLocalModel }, { openScorer }, { asked }, { bestOf, bestOfKl, softChoice }, { randomOf }] =
    await Promise.all([
      import('../local.ts'),
      import('../score.ts'),
      import('../generation.ts'),
      import('../../trainer/algorithms/selection.ts'),
      import('../../trainer/random.ts'),
    ])
  const place = await located({ ...options, model: options.rewardModel! })
  const model = await openLocalModel(place.path, { say, dataDir: place.dataDir })
  if (model.head !== 'scalar')
    fail('bad_input', 'This is a language model: it gives no scores.', { where: '--reward-model' })
  const scorer = await openScorer(model, threads)
  const scores = await scorer.score(
    items.map(({ prompt, response }) => ({ prompt: asked(prompt, model.text, place.ofProject), response })),
    Number.POSITIVE_INFINITY,
  )
  await scorer.close()
  const random = randomOf(seed, drawsOfChoice)
  say(`the best of ${n}: at most ${bestOfKl(n).toFixed(2)} nats from drawing one`)
  return Array.from({ length: items.length / n }, (_, group) => {
    const own = scores.slice(group * n, (group + 1) * n)
    const within = soft === undefined ? bestOf(own) : softChoice(own, soft, random.uniform())
    return { place: group * n + within, reward: own[within]! }
  })
}
/** Apart from the draws of tokens. */
const drawsOfChoice = 7

async function generate(options: GenerateOptions): Promise<void> {
  const { n, maxTokens, topK, topP, repetitionPenalty, topLogprobs: topLogProbs } = options
  const { seed, stop, threads } = options
  if (options.rewardModel && n < 2)
    fail('bad_input', 'The best of several answers takes two or more.', { where: '--n' })
  if (options.soft !== undefined && !options.rewardModel)
    fail('bad_input', '--soft chooses by the scores of a reward model.', {
      where: '--soft',
      hint: 'Name one with --reward-model.',
    })
  const prompts = await promptsOf(options)
  const [{ openLocalModel }, { openDecoder }, { answer, asked }] = await Promise.all([
    import('../local.ts'),
    import('../../trainer/decode/decoder.ts'),
    import('../generation.ts'),
  ])
  const place = await located(options)
  const model = await openLocalModel(place.path, { say, adapter: options.adapter, dataDir: place.dataDir })
  if (model.head === 'scalar')
    fail('bad_input', 'A reward model gives scores, no text.', { where: options.model, hint: 'Use `score`.' })
  const { generation, text, config, weights } = model
  const temperature = options.temperature ?? generation.temperature ?? 0
  if (options.rewardModel && temperature === 0)
    fail('bad_input', `At temperature 0 the ${n} answers are one: there is no best of them.`, {
      where: '--temperature',
      hint: 'Draw them with --temperature 0.8, say.',
    })
  const decoder = await openDecoder({ config, weights, threads })
  const streams = !options.json && prompts.length === 1 && n === 1 && !options.rewardModel
  const start = performance.now()
  const most = prompts.length * n * maxTokens
  const drawn = await answer(
    { decoder, text },
    prompts.flatMap((prompt) => Array.from({ length: n }, () => asked(prompt, text, place.ofProject))),
    {
      maxTokens,
      temperature,
      topK: topK ?? generation.topK,
      topP: topP ?? generation.topP,
      repetitionPenalty: repetitionPenalty ?? generation.repetitionPenalty,
      topLogProbs,
      seed,
      stop,
      onText: streams ? (_, piece) => void process.stdout.write(piece) : undefined,
      isStopped: !streams && process.stderr.isTTY ? progressOf(start, most) : undefined,
    },
  )
  const seconds = (performance.now() - start) / 1000
  await decoder.close()
  const count = drawn.reduce((sum, { tokens }) => sum + tokens.length, 0)
  const tokensPerSecond = Number((count / seconds).toFixed(2))
  if (streams || process.stderr.isTTY) (streams ? process.stdout : process.stderr).write('\n')
  const chosen = options.rewardModel
    ? await best(
        options,
        drawn.map(({ text: response }, i) => ({ prompt: prompts[Math.floor(i / n)]!, response })),
      )
    : drawn.map((_, place) => ({ place }))
  for (const [i, { place, ...rest }] of chosen.entries()) {
    if (streams) break
    const of = prompts.length > 1 || n > 1 ? { prompt: prompts[Math.floor(place / n)]!, sample: place % n } : {}
    const result = { ...of, ...drawn[place]!, ...rest, tokensPerSecond }
    print(result, options.json, ({ text: answered }) => (chosen.length > 1 ? `--- ${i + 1}\n${answered}` : answered))
  }
  say(`${count} tokens, ${tokensPerSecond} tokens/s`)
}

export function generateCommand(program: Command): void {
  example(
    inData(program.command('generate'))
      .description('answers prompts with a model on this machine')
      .requiredOption('--model <model>', 'name, Hugging Face or adapter folder, GGUF file, model of --data')
      .option('--adapter <dir>', 'folder of a PEFT adapter to put on the model')
      .option('--prompt <text>', 'one prompt; where the model has a chat template, the user’s message')
      .option('--prompts <file>', 'JSON lines with a field prompt: a text or messages')
      .option('--n <count>', 'answers to each prompt', whole(1, 1000), 1)
      .option('--max-tokens <count>', 'longest answer', whole(1, 1e6), 256)
      .option('--temperature <t>', 'default: the model’s own, else 0 (always the most probable token)', decimal(0, 100))
      .option('--top-k <k>', 'draw from the k most probable tokens', whole(0))
      .option('--top-p <p>', 'draw from the fewest tokens that hold this share', decimal(1e-6, 1))
      .option('--repetition-penalty <r>', 'above 1: less of what was said', decimal(0.01, 100))
      .option('--stop <text...>', 'end the answer before this text')
      .option('--seed <n>', 'of the draws', whole(0), 0)
      .option('--top-logprobs <k>', 'also print the k most probable tokens of each step', whole(1, 100))
      .option(
        '--reward-model <model>',
        'of the answers to each prompt print the one that this reward model scores highest',
      )
      .option(
        '--soft <t>',
        'with --reward-model: draw one, the likelier the higher it scores; the smaller t, the more so',
        decimal(1e-6, 1e6),
      )
      .option('--threads <n>', 'default: all cores', whole(1, 1024))
      .option('--json', 'one JSON object an answer')
      .action(action(generate)),
    'generate --model smollm2-135m --prompt "What is the capital of France?"',
    'generate --model runs/sft --prompts prompts.jsonl --n 4 --temperature 0.8 --json',
    'generate --model runs/sft --prompts prompts.jsonl --n 8 --temperature 0.8 --reward-model runs/reward',
  )
}

/** `generate`: answers prompts with a model on this machine. */
import type { Command } from 'commander'
import { action, example, print, say } from '../../platform/command.ts'
import { fail } from '../../platform/errors.ts'
import type { Text } from '../../trainer/text/rows.ts'
import { numberOf, optional } from './numbers.ts'
import { inData, located, type Naming } from './registered.ts'

interface GenerateOptions extends Naming {
  adapter?: string
  prompt?: string
  prompts?: string
  n: string
  maxTokens: string
  temperature?: string
  topK?: string
  topP?: string
  repetitionPenalty?: string
  stop?: string[]
  seed: string
  topLogprobs?: string
  threads?: string
  json?: boolean
}

async function promptsOf({ prompt, prompts }: GenerateOptions) {
  if ((prompt === undefined) === (prompts === undefined))
    fail('bad_input', 'Give either --prompt TEXT or --prompts FILE.', { where: 'generate' })
  if (prompt !== undefined) return [prompt]
  const { promptRow, readLines } = await import('../../trainer/text/rows.ts')
  return readLines(prompts!).map((line) => promptRow(line).prompt)
}

async function generate(options: GenerateOptions): Promise<void> {
  const n = numberOf(options.n, 'n', 1, 1000)
  const given = {
    maxTokens: numberOf(options.maxTokens, 'max-tokens', 1, 1e6),
    temperature: optional(options.temperature, (value) => numberOf(value, 'temperature', 0, 100, false)),
    topK: optional(options.topK, (value) => numberOf(value, 'top-k', 0)),
    topP: optional(options.topP, (value) => numberOf(value, 'top-p', 1e-6, 1, false)),
    repetitionPenalty: optional(options.repetitionPenalty, (value) =>
      numberOf(value, 'repetition-penalty', 0.01, 100, false),
    ),
    topLogProbs: optional(options.topLogprobs, (value) => numberOf(value, 'top-logprobs', 1, 100)),
    seed: numberOf(options.seed, 'seed', 0),
    stop: options.stop,
  }
  const threads = optional(options.threads, (value) => numberOf(value, 'threads', 1, 1024))
  const prompts = await promptsOf(options)
  const [{ openLocalModel }, { openDecoder }, { answer, asked }] = await Promise.all([
    import('../local.ts'),
    import('../../trainer/decode/decoder.ts'),
    import('../generation.ts'),
  ])
  const { path, ofProject, dataDir } = await located(options)
  const model = await openLocalModel(path, { say, adapter: options.adapter, dataDir })
  if (model.head === 'scalar')
    fail('bad_input', 'A reward model gives scores, no text.', { where: options.model, hint: 'Use `score`.' })
  const { generation, text, config, weights } = model
  const questionOf = (prompt: Text) =>
    ofProject && typeof prompt === 'string' ? [{ role: 'user', content: prompt }] : asked(prompt, text)
  const decoder = await openDecoder({ config, weights, threads })
  const streams = !options.json && prompts.length === 1 && n === 1
  const start = performance.now()
  const answers = await answer(
    { decoder, text },
    prompts.flatMap((prompt) => Array.from({ length: n }, () => questionOf(prompt))),
    {
      ...given,
      temperature: given.temperature ?? generation.temperature ?? 0,
      topK: given.topK ?? generation.topK,
      topP: given.topP ?? generation.topP,
      repetitionPenalty: given.repetitionPenalty ?? generation.repetitionPenalty,
      onText: streams ? (_, piece) => void process.stdout.write(piece) : undefined,
    },
  )
  const seconds = (performance.now() - start) / 1000
  await decoder.close()
  const count = answers.reduce((sum, { tokens }) => sum + tokens.length, 0)
  const tokensPerSecond = Number((count / seconds).toFixed(2))
  if (streams) process.stdout.write('\n')
  for (const [i, one] of answers.entries()) {
    if (streams) break
    const prompt = prompts[Math.floor(i / n)]!
    const result = { ...(prompts.length > 1 || n > 1 ? { prompt, sample: i % n } : {}), ...one, tokensPerSecond }
    print(result, options.json, ({ text: answered }) => (answers.length > 1 ? `--- ${i + 1}\n${answered}` : answered))
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
      .option('--n <count>', 'answers to each prompt', '1')
      .option('--max-tokens <count>', 'longest answer', '256')
      .option('--temperature <t>', 'default: the model’s own, else 0 (always the most probable token)')
      .option('--top-k <k>', 'draw from the k most probable tokens')
      .option('--top-p <p>', 'draw from the fewest tokens that hold this share')
      .option('--repetition-penalty <r>', 'above 1: less of what was said')
      .option('--stop <text...>', 'end the answer before this text')
      .option('--seed <n>', 'of the draws', '0')
      .option('--top-logprobs <k>', 'also print the k most probable tokens of each step')
      .option('--threads <n>', 'default: all cores')
      .option('--json', 'one JSON object an answer')
      .action(action(generate)),
    'generate --model smollm2-135m --prompt "What is the capital of France?"',
    'generate --model runs/sft --prompts prompts.jsonl --n 4 --temperature 0.8 --json',
  )
}

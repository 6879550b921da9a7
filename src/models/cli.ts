/** `./plumbline generate`, `score` and `model`: models on this machine, without server or database. */
import type { Command } from 'commander'
import { action, example, print, say } from '../platform/command.ts'
import { fail } from '../platform/errors.ts'
import type { BackgroundModel } from './background.ts'

interface GenerateOptions {
  model: string
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

interface ScoreOptions {
  model: string
  adapter?: string
  out?: string
  maxLength: string
  threads?: string
  json?: boolean
}

function numberOf(value: string, option: string, least: number, most = Number.MAX_SAFE_INTEGER, whole = true): number {
  const number = Number(value)
  if (value.trim() === '' || !(number >= least && number <= most) || (whole && !Number.isInteger(number)))
    fail('bad_input', `'${value}' is not ${whole ? 'a whole number' : 'a number'} from ${least} to ${most}.`, {
      where: `--${option}`,
    })
  return number
}

const optional = <T>(value: string | undefined, read: (value: string) => T): T | undefined =>
  value === undefined ? undefined : read(value)

async function promptsOf({ prompt, prompts }: GenerateOptions) {
  if ((prompt === undefined) === (prompts === undefined))
    fail('bad_input', 'Give either --prompt TEXT or --prompts FILE.', { where: 'generate' })
  if (prompt !== undefined) return [prompt]
  const { promptRow, readLines } = await import('../trainer/text/rows.ts')
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
    import('./local.ts'),
    import('../trainer/decode/decoder.ts'),
    import('./generation.ts'),
  ])
  const model = await openLocalModel(options.model, { say, adapter: options.adapter })
  if (model.head === 'scalar')
    fail('bad_input', 'A reward model gives scores, no text.', { where: options.model, hint: 'Use `score`.' })
  const { generation, text, config, weights } = model
  const decoder = await openDecoder({ config, weights, threads })
  const streams = !options.json && prompts.length === 1 && n === 1
  const start = performance.now()
  const answers = await answer(
    { decoder, text },
    prompts.flatMap((prompt) => Array.from({ length: n }, () => asked(prompt, text))),
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

async function score(file: string, options: ScoreOptions): Promise<void> {
  const maxLength = numberOf(options.maxLength, 'max-length', 2)
  const threads = optional(options.threads, (value) => numberOf(value, 'threads', 1, 1024))
  const [{ preferenceRow, readLines }, { openLocalModel }, { openScorer, scorePairs }, { orderingOf }] =
    await Promise.all([
      import('../trainer/text/rows.ts'),
      import('./local.ts'),
      import('./score.ts'),
      import('../trainer/schedule/interval.ts'),
    ])
  const lines = readLines(file)
  const rows = lines.map(preferenceRow)
  if (rows.length === 0) fail('bad_input', 'There are no rows to score.', { where: file })
  const scorer = await openScorer(
    await openLocalModel(options.model, { say, lines, adapter: options.adapter }),
    threads,
  )
  const start = performance.now()
  const pairs = await scorePairs(scorer, rows, maxLength, (done) => {
    if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${rows.length} pairs`)
  })
  await scorer.close()
  if (process.stderr.isTTY) process.stderr.write('\n')
  if (options.out) {
    const { writeFileSync } = await import('node:fs')
    writeFileSync(options.out, pairs.map((pair) => `${JSON.stringify(pair)}\n`).join(''))
  }
  const lengthOf = (response: unknown): number => JSON.stringify(response).length
  const ordering = orderingOf(
    pairs.map((pair) => pair.chosen_score - pair.rejected_score),
    pairs.map((pair) => lengthOf(pair.chosen) - lengthOf(pair.rejected)),
  )
  const seconds = (performance.now() - start) / 1000
  print({ ...ordering, seconds }, options.json, () => {
    const [accuracy, low, high, longer] = [ordering.accuracy, ordering.low, ordering.high, ordering.longerWins].map(
      (share) => share!.toFixed(3),
    )
    return `${pairs.length} pairs: accuracy ${accuracy} (95% interval ${low} to ${high}); "the longer wins": ${longer}`
  })
}

async function addModel(name: string, { json }: { json?: boolean }): Promise<void> {
  const [{ catalogued }, { findModel }] = await Promise.all([import('./catalogue.ts'), import('./local.ts')])
  const path = await findModel(name, { say })
  const model = catalogued(name)
  print({ name, path, licence: model?.licence, bytes: model?.bytes, sha256: model?.sha256 }, json, () =>
    model ? `${name} (${model.licence}, ${(model.bytes / 1e6).toFixed(0)} MB) is at ${path}` : `${name} is at ${path}`,
  )
}

/** The longest that a timer takes: the one model that is served stays open. */
const neverMs = 2 ** 31 - 1

async function serveModel(name: string, options: { port: string; host: string; threads?: string }): Promise<void> {
  const port = numberOf(options.port, 'port', 0, 65_535)
  const threads = optional(options.threads, (value) => numberOf(value, 'threads', 1, 1024))
  const [{ serve }, { Hono }, { completions }, { findModel }, { modelPool }] = await Promise.all([
    import('@hono/node-server'),
    import('hono'),
    import('./completions.ts'),
    import('./local.ts'),
    import('./pool.ts'),
  ])
  const path = await findModel(name, { say })
  const pool = modelPool({ threads, idleMs: neverMs })
  // What is wrong with the model is said before anybody asks it.
  await pool.use(path, async () => {})
  // Whatever name a client sends, there is one model here.
  const served = { use: <T>(_: string, act: (model: BackgroundModel) => Promise<T>) => pool.use(path, act) }
  const app = new Hono().route(
    '/v1',
    completions(() => ({ ...served, names: async () => [name] })),
  )
  const server = serve({ fetch: app.fetch, port, hostname: options.host }, ({ port: bound }) =>
    say(`${name} answers at http://${options.host}:${bound}/v1/chat/completions`),
  )
  const stop = (): void => {
    server.close()
    // Clients keep connections open; nobody is answered any more.
    if ('closeAllConnections' in server) server.closeAllConnections()
    void pool.close()
  }
  process.once('SIGTERM', stop).once('SIGINT', stop)
}

async function listModels({ json }: { json?: boolean }): Promise<void> {
  const [{ catalogue }, { fetched }, { ollamaModels }, { presets }] = await Promise.all([
    import('./catalogue.ts'),
    import('./fetch.ts'),
    import('./ollama.ts'),
    import('../trainer/model/config.ts'),
  ])
  const models = [
    ...Object.keys(presets).map((name) => ({ name, title: 'untrained, to train from scratch', licence: '', bytes: 0 })),
    ...catalogue.map((model) => ({
      name: model.name,
      title: model.title,
      licence: model.licence,
      bytes: model.bytes,
      path: fetched(model),
    })),
    ...ollamaModels().map(({ name, bytes, path }) => ({ name, title: 'pulled by Ollama', licence: '', bytes, path })),
  ]
  print({ models }, json, () =>
    models
      .map(({ name, title, licence, bytes, ...rest }) => {
        const size = bytes ? `${(bytes / 1e6).toFixed(0)} MB` : ''
        const place = 'path' in rest ? (rest.path ?? 'not fetched yet') : ''
        return [name.padEnd(20), title, licence, size, place].filter(Boolean).join('  ')
      })
      .join('\n'),
  )
}

export function modelsCommands(program: Command): void {
  example(
    program
      .command('generate')
      .description('answers prompts with a model on this machine')
      .requiredOption('--model <model>', 'name, Hugging Face or adapter folder, GGUF file')
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
  example(
    program
      .command('score')
      .argument('<file>', 'JSON lines with prompt, chosen and rejected')
      .description('scores preference pairs with a reward model, or by the likelihood of a language model')
      .requiredOption('--model <model>', 'name, Hugging Face or adapter folder, GGUF file')
      .option('--adapter <dir>', 'folder of a PEFT adapter to put on the model')
      .option('--out <file>', 'write the rows with chosen_score and rejected_score')
      .option('--max-length <tokens>', 'what is longer is cut at the left of its prompt', '2048')
      .option('--threads <n>', 'default: all cores')
      .option('--json', 'print JSON')
      .action(action(score)),
    'score --model runs/reward pairs.jsonl --out scored.jsonl',
  )
  const model = program.command('model').description('models on this machine')
  example(
    model
      .command('add')
      .argument('<name>', 'a name of `model list`, or a folder or file to check')
      .description('fetches a model once and checks its hash')
      .option('--json', 'print JSON')
      .action(action(addModel)),
    'model add smollm2-135m',
  )
  example(
    model
      .command('serve')
      .argument('<name>', 'a name of `model list`, a folder or a GGUF file')
      .description(
        'answers /v1/chat/completions in OpenAI’s dialect until SIGTERM, without a key: for this machine alone',
      )
      .option('--port <n>', 'the port', '7710')
      .option('--host <name>', 'the address to listen on', '127.0.0.1')
      .option('--threads <n>', 'default: all cores')
      .action(action(serveModel)),
    'model serve smollm2-135m --port 7710',
  )
  model
    .command('list')
    .description('presets, models that can be fetched or have been, and what Ollama has pulled')
    .option('--json', 'print JSON')
    .action(action(listModels))
}

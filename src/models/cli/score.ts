/** `score`: scores preference pairs with a model on this machine. */
import type { Command } from 'commander'
import { action, example, print, say } from '../../platform/command.ts'
import { fail } from '../../platform/errors.ts'
import { numberOf, optional } from './numbers.ts'
import { inData, located, type Naming } from './registered.ts'

interface ScoreOptions extends Naming {
  adapter?: string
  out?: string
  maxLength: string
  threads?: string
  json?: boolean
}

async function score(file: string, options: ScoreOptions): Promise<void> {
  const maxLength = numberOf(options.maxLength, 'max-length', 2)
  const threads = optional(options.threads, (value) => numberOf(value, 'threads', 1, 1024))
  const [{ preferenceRow, readLines }, { openLocalModel }, { openScorer, scorePairs }, { orderingOf }] =
    await Promise.all([
      import('../../trainer/text/rows.ts'),
      import('../local.ts'),
      import('../score.ts'),
      import('../../trainer/schedule/interval.ts'),
    ])
  const lines = readLines(file)
  const rows = lines.map(preferenceRow)
  if (rows.length === 0) fail('bad_input', 'There are no rows to score.', { where: file })
  const { path, dataDir } = await located(options)
  const scorer = await openScorer(
    await openLocalModel(path, { say, lines, adapter: options.adapter, dataDir }),
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
    rows.map(({ label }) => label),
  )
  const seconds = (performance.now() - start) / 1000
  print({ ...ordering, seconds }, options.json, () => {
    const { pairs: decided, accuracy: known, ...shares } = ordering
    if (known === undefined) return `${pairs.length} pairs, all of them ties: there is no order to be right about`
    const [accuracy, low, high, longer] = [known, shares.low, shares.high, shares.longerWins].map((share) =>
      share!.toFixed(3),
    )
    return `${decided} pairs: accuracy ${accuracy} (95% interval ${low} to ${high}); "the longer wins": ${longer}`
  })
}

export function scoreCommand(program: Command): void {
  example(
    inData(program.command('score'))
      .argument('<file>', 'JSON lines with prompt, chosen and rejected')
      .description('scores preference pairs with a reward model, or by the likelihood of a language model')
      .requiredOption('--model <model>', 'name, Hugging Face or adapter folder, GGUF file, model of --data')
      .option('--adapter <dir>', 'folder of a PEFT adapter to put on the model')
      .option('--out <file>', 'write the rows with chosen_score and rejected_score')
      .option('--max-length <tokens>', 'what is longer is cut at the left of its prompt', '2048')
      .option('--threads <n>', 'default: all cores')
      .option('--json', 'print JSON')
      .action(action(score)),
    'score --model runs/reward pairs.jsonl --out scored.jsonl',
  )
}

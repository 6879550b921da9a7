/** `score`: scores rows with a model on this machine. */
import type { Command } from 'commander'
import { action, example, print, say, whole } from '../../platform/command.ts'
import type { ScoredRow } from '../score.ts'
import { inData, located, type Naming } from './registered.ts'

interface ScoreOptions extends Naming {
  adapter?: string
  out?: string
  maxLength: number
  threads?: number
  json?: boolean
}

async function score(file: string, options: ScoreOptions): Promise<void> {
  const { maxLength, threads } = options
  const [{ readLines }, { openLocalModel }, { openScorer, scoreRows }] = await Promise.all([
    import('../../trainer/text/rows.ts'),
    import('../local.ts'),
    import('../score.ts'),
  ])
  const lines = readLines(file)
  const { path, dataDir } = await located(options)
  const scorer = await openScorer(
    await openLocalModel(path, { say, lines, adapter: options.adapter, dataDir }),
    threads,
  )
  const start = performance.now()
  const elapsed = () => (performance.now() - start) / 1000
  const rows = await scoreRows(scorer, lines, maxLength, (done) => {
    if (!process.stderr.isTTY) return
    const perSecond = done / elapsed()
    const left = Math.round((lines.length - done) / perSecond)
    process.stderr.write(`\r\x1b[K${done} of ${lines.length} rows, ${perSecond.toFixed(1)} rows/s, ${left} s left`)
  })
  await scorer.close()
  if (process.stderr.isTTY) process.stderr.write('\n')
  if (options.out) {
    const { writeFileSync } = await import('node:fs')
    writeFileSync(options.out, rows.map((row) => `${JSON.stringify(written(row))}\n`).join(''))
  }
  print({ ...(await measured(rows)), seconds: elapsed() }, options.json, said)
}

/** Whatever else the row has stays with it. */
const written = ({ fields, pair, scores: [first, second] }: ScoredRow) => ({
  ...fields,
  ...(pair ? { chosen_score: first, rejected_score: second } : { score: first }),
})

/** Of pairs their order, of other rows the mean. */
async function measured(rows: readonly ScoredRow[]) {
  const [{ orderingOf }, { mean }] = await Promise.all([
    import('../../trainer/schedule/interval.ts'),
    import('../../trainer/algorithms/step.ts'),
  ])
  const pairs = rows.flatMap(({ pair, scores }) => (pair ? [{ ...pair, scores }] : []))
  const single = rows.flatMap(({ pair, scores }) => (pair ? [] : scores))
  const lengthOf = (response: unknown): number => JSON.stringify(response).length
  const ordering = orderingOf(
    pairs.map(({ scores }) => scores[0]! - scores[1]!),
    pairs.map(({ chosen, rejected }) => lengthOf(chosen) - lengthOf(rejected)),
    pairs.map(({ label }) => label),
  )
  return {
    ...(pairs.length ? ordering : {}),
    ...(single.length ? { rows: single.length, meanScore: mean(single) } : {}),
  }
}

function said({ pairs, accuracy, low, high, longerWins, rows, meanScore }: Record<string, number | undefined>): string {
  const [share, least, most, longer] = [accuracy, low, high, longerWins].map((one) => one?.toFixed(3))
  const ordered =
    pairs === 0
      ? 'All pairs are ties: there is no order to be right about'
      : `${pairs} pairs: accuracy ${share} (95% interval ${least} to ${most}); "the longer wins": ${longer}`
  return [
    ...(pairs === undefined ? [] : [ordered]),
    ...(rows === undefined ? [] : [`${rows} rows: mean score ${meanScore!.toFixed(3)}`]),
  ].join('\n')
}

export function scoreCommand(program: Command): void {
  example(
    inData(program.command('score'))
      .argument('<file>', 'JSON lines with prompt, chosen and rejected, or with prompt and completion')
      .description(
        'scores preference pairs, or single answers, with a reward model, or by the likelihood of a language model',
      )
      .requiredOption('--model <model>', 'name, Hugging Face or adapter folder, GGUF file, model of --data')
      .option('--adapter <dir>', 'folder of a PEFT adapter to put on the model')
      .option('--out <file>', 'write the rows with chosen_score and rejected_score, or score, beside what they have')
      .option('--max-length <tokens>', 'what is longer is cut at the left of its prompt', whole(2), 2048)
      .option('--threads <n>', 'default: all cores', whole(1, 1024))
      .option('--json', 'print JSON')
      .action(action(score)),
    'score --model runs/reward pairs.jsonl --out scored.jsonl',
  )
}

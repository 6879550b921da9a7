/** `stats truth`: what is true of each item, and how good each worker is, from several labels an item. */
import { writeFileSync } from 'node:fs'
import type { Command } from 'commander'
import { action, example, print, say, whole } from '../../platform/command.ts'
import { refuse } from '../errors.ts'
import type { NamedLabels } from '../truth/labels.ts'
import { csv } from './show.ts'

export interface TruthFlags {
  method: string
  columns?: string
  order?: string
  model?: string
  truth?: string
  gold?: string
  prior?: string
  seed: number
  compare?: boolean
  out?: string
  outWorkers?: string
  json?: boolean
}

/** What a method with a form of its own has to say. */
export interface TruthOutput {
  summary: object
  items: (string | number)[][]
  workers: (string | number)[][]
  text(): string
}

/** Methods that take something else than labels of classes, or more. */
const others = ['numeric', 'ordinal', 'crowdlab'] as const
const classMethods = 'majority, wawa, dawid-skene, one-coin, ibcc, mace, glad, bwa, ebcc'

export function truthCommand(stats: Command): void {
  const command = stats
    .command('truth')
    .description('the true label of each item and the quality of each worker, from several labels an item')
    .argument('<file>', 'CSV or JSON lines with item, worker, label')
    .option(
      '--method <method>',
      `${classMethods}; numeric (labels are numbers), ordinal (labels are ratings on a scale), crowdlab (with --model)`,
      'ibcc',
    )
    .option('--columns <names>', 'item=NAME,worker=NAME,label=NAME, where the file names them otherwise')
    .option('--order <labels>', 'ordinal: the scale from its lowest end, between commas; numbers need none')
    .option('--model <file>', 'crowdlab: CSV with item and one column a class, the probabilities of a model')
    .option('--truth <file>', 'CSV with item,truth: prints the accuracy (numeric: the root mean square error)')
    .option('--gold <file>', 'CSV with item,truth: held fixed (dawid-skene, one-coin, ibcc)')
    .option('--prior <count>', 'Dirichlet pseudo-count of dawid-skene; 0 is maximum likelihood (default 0.1)')
    .option('--seed <number>', 'draws other random starts (mace, ebcc)', whole(0), 0)
    .option('--compare', 'compare all methods on --truth and recommend one')
    .option('--out <file>', 'CSV with a row per item: most probable label, ties, posterior of each class')
    .option('--out-workers <file>', 'CSV with a row per worker: accuracy, interval, labels')
    .option('--json', 'print JSON')
    .action(action(run))
  example(command, 'stats truth labels.csv --method dawid-skene --truth truth.csv --json')
}

async function run(file: string, options: TruthFlags): Promise<void> {
  const [{ readColumns, parseColumns }, { atLeast }, { namedLabels }, { methodNames, inferTruth, takesGold }] =
    await Promise.all([
      import('./read.ts'),
      import('./votes.ts'),
      import('../truth/labels.ts'),
      import('../truth/methods.ts'),
    ])
  for (const [flag, belongs] of [
    ['order', 'ordinal'],
    ['model', 'crowdlab'],
  ] as const)
    if (options[flag] !== undefined && options.method !== belongs)
      refuse(`--${flag} belongs to ${belongs}.`, { where: `--${flag}` })
  const other = others.find((name) => name === options.method)
  if (other) {
    if (options.gold || options.compare || options.prior !== undefined)
      refuse(`${other} takes neither --gold nor --prior nor --compare.`, { where: `--method ${other}` })
    return write(await outputOf(other, file, options), options)
  }
  const method =
    methodNames.find((name) => name === options.method) ??
    refuse(`There is no method ${options.method}.`, {
      where: '--method',
      hint: `One of ${[...methodNames, ...others].join(', ')}.`,
    })
  if (options.gold && !takesGold.includes(method))
    refuse(`${method} has no place for gold items.`, { where: '--gold', hint: `Use ${takesGold.join(', ')}.` })
  if (options.compare && !options.truth) refuse('--compare needs --truth.', { where: '--compare' })
  const prior = options.prior === undefined ? undefined : atLeast(options.prior, '--prior', 0)
  const { seed } = options
  const columns = parseColumns(options.columns, { item: 'item', worker: 'worker', label: 'label' })
  const { values } = readColumns(file, columns)
  const table = namedLabels(values.item, values.worker, values.label)
  const known = (path: string, mustBeGiven: boolean) =>
    classesOf(table, file, readColumns(path, { item: 'item', truth: 'truth' }), mustBeGiven)
  const truth = options.truth ? known(options.truth, false) : undefined
  if (options.compare && truth) {
    const { recommend } = await import('../truth/recommend.ts')
    print(recommend(table, truth.classes), options.json, comparison)
    return
  }
  const gold = options.gold ? known(options.gold, true).classes : undefined
  const result = inferTruth(table, method, { prior, gold, seed })
  const { describe } = await import('../truth/describe.ts')
  const summary = describe(table, result, { seed, truth: truth?.classes, missing: truth?.missing })
  const json = summary.json()
  write(
    { summary: json, items: summary.itemRows(), workers: summary.workerRows(), text: () => summary.text(json) },
    options,
  )
}

async function outputOf(name: (typeof others)[number], file: string, flags: TruthFlags): Promise<TruthOutput> {
  if (name === 'numeric') return (await import('./numeric.ts')).numeric(file, flags)
  if (name === 'ordinal') return (await import('./ordinal.ts')).ordinal(file, flags)
  return (await import('./crowdlab.ts')).crowdlab(file, flags)
}

function write({ summary, items, workers, text }: TruthOutput, { out, outWorkers, json }: TruthFlags): void {
  if (out) writeFileSync(out, csv(items))
  if (outWorkers) writeFileSync(outWorkers, csv(workers))
  print(summary, json, text)
}

/** Class of each item of the table, -1 where it is unknown; a class that nobody gave is one beyond, right for no answer. */
export function classesOf(
  named: NamedLabels,
  file: string,
  rows: { file: string; lines: number[]; length: number; values: { item: string[]; truth: string[] } },
  mustBeGiven: boolean,
) {
  const item = new Map(named.itemNames.map((name, n) => [name, n]))
  const label = new Map(named.classNames.map((name, n) => [name, n]))
  const strange = new Set<string>()
  const classes = new Int32Array(named.items).fill(-1)
  let missing = 0
  for (let n = 0; n < rows.length; n++) {
    const i = item.get(rows.values.item[n]!)
    const k = label.get(rows.values.truth[n]!) ?? named.classes
    if (i === undefined) missing++
    else if (k === named.classes && mustBeGiven)
      refuse(`No label in ${file} is ${rows.values.truth[n]}.`, {
        where: `${rows.file}, line ${rows.lines[n]}, column truth`,
        hint: `Labels are ${named.classNames.slice(0, 10).join(', ')}.`,
      })
    else if (classes[i]! >= 0 && classes[i] !== k)
      refuse(`Item ${rows.values.item[n]} has two truths.`, { where: `${rows.file}, line ${rows.lines[n]}` })
    else classes[i] = k
    if (i !== undefined && k === named.classes) strange.add(rows.values.truth[n]!)
  }
  if (strange.size > 0)
    say(`${rows.file} has classes that nobody gave, which count as missed: ${[...strange].slice(0, 10).join(', ')}`)
  if (missing === rows.length)
    refuse(`No item of ${rows.file} occurs in ${file}.`, {
      where: rows.file,
      hint: 'Both name items in a column item.',
    })
  return { classes, missing }
}

const comparison = (result: import('../truth/recommend.ts').Recommendation): string =>
  [
    'method        accuracy  95% interval      p against the best',
    ...result.compared.map(
      ({ method, accuracy, low, high, p }) =>
        `${method.padEnd(13)} ${accuracy.toFixed(4)}    ${low.toFixed(4)} - ${high.toFixed(4)}   ${p.toFixed(4)}`,
    ),
    `Recommended: ${result.recommended}. ${result.reason}`,
  ].join('\n')

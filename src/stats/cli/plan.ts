/** `stats plan FILE`: how many labels an item, how many items, how much gold, from labels already collected. */
import type { Command } from 'commander'
import { action, example, print, whole } from '../../platform/command.ts'
import { refuse } from '../errors.ts'
import { parseColumns, readColumns } from './read.ts'
import { decimals, method, textTable } from './show.ts'

interface Flags {
  columns?: string
  most: string
  halfWidth: string
  price: string
  good: string
  bad: string
  error: string
  tasks: string
  seed: number
  json?: boolean
}

export function planCommand(stats: Command): void {
  const command = stats
    .command('plan')
    .description(
      'how many labels an item, how many items, when to stop and how much gold, by simulation from a fitted model',
    )
    .argument('<file>', 'CSV or JSON lines with item, worker, label: labels already collected')
    .option('--columns <names>', 'item=NAME,worker=NAME,label=NAME')
    .option('--most <labels>', 'largest number of labels an item to plan for', '7')
    .option('--half-width <share>', 'half-width of the 95% interval of a share', '0.03')
    .option('--price <share>', 'price of a label, a wrong decision costing 1', '0.003')
    .option('--good <share>', 'accuracy of a good worker', '0.9')
    .option('--bad <share>', 'accuracy that must not pass', '0.7')
    .option('--error <share>', 'share of wrong verdicts either way', '0.05')
    .option('--tasks <count>', 'tasks a worker does', '500')
    .option('--seed <number>', 'seed of the simulations', whole(0), 0)
    .option('--json', 'print JSON')
    .action(action(run))
  example(command, 'stats plan labels.csv --half-width 0.02 --json')
}

async function run(file: string, flags: Flags): Promise<void> {
  const [{ namedLabels }, { ibcc }, design, gold, { replay }, { poolConfusion }, { createRandom }] = await Promise.all([
    import('../truth/labels.ts'),
    import('../truth/ibcc.ts'),
    import('../planning/design.ts'),
    import('../planning/qualification.ts'),
    import('../planning/replay.ts'),
    import('../planning/stopping.ts'),
    import('../random.ts'),
  ])
  const most = share(flags.most, '--most', 1, 100)
  const halfWidth = share(flags.halfWidth, '--half-width', 0, 0.5)
  const price = share(flags.price, '--price', 0, 1)
  const { seed } = flags
  const tasks = share(flags.tasks, '--tasks', 1, 1e6)
  const error = share(flags.error, '--error', 0, 0.5)
  const bar = {
    good: share(flags.good, '--good', 0, 1),
    bad: share(flags.bad, '--bad', 0, 1),
    falsePass: error,
    falseFail: error,
  }
  const { values } = readColumns(file, parseColumns(flags.columns, { item: 'item', worker: 'worker', label: 'label' }))
  const table = namedLabels(values.item, values.worker, values.label)
  const truth = ibcc(table)
  const overlap = design.labelsPerItem(truth, table.classes, Math.floor(most), createRandom(seed))
  const sizes = table.classNames.map((name, k) => {
    const model = design.fitShare(table, k)
    const votes = Math.max(1, Math.round(table.label.length / table.items))
    return { class: name, ...model, ...design.itemsForInterval(model, votes, halfWidth, createRandom(seed), 300) }
  })
  const pool = poolConfusion(truth.quality.confusion!, table.classes, truth.quality.labels)
  const items = Array.from({ length: table.items }, (_, i) => i)
  const stopped = replay(table, items, truth, { price }, pool, createRandom(seed))
  const result = {
    overlap,
    sizes,
    stopping: { price, labels: stopped.labels, available: stopped.available },
    gold: { ...bar, tasks, ...gold.goldShare(bar, tasks), sequential: gold.sprt(bar) },
    ...method('plan', seed),
  }
  print(result, flags.json, () => text(result, halfWidth))
}

function share(given: string, where: string, least: number, most: number): number {
  const value = Number(given)
  if (given.trim() === '' || !(value >= least && value <= most))
    refuse(`A number from ${least} to ${most} was expected, found ${given}.`, { where })
  return value
}

function text(
  plan: {
    overlap: { labels: number; accuracy: number }[]
    sizes: { class: string; mean: number; rho: number; votesPerItem: number; items: number; power: number }[]
    stopping: { price: number; labels: number; available: number }
    gold: {
      items: number
      needed: number
      share: number
      tasks: number
      sequential: { answersIfGood: number; answersIfBad: number }
    }
  },
  halfWidth: number,
): string {
  const { sequential } = plan.gold
  return [
    'Labels an item, and how often the posterior would name the truth (the fitted workers, their quality known):',
    textTable(
      ['labels', 'accuracy'],
      plan.overlap.map(({ labels, accuracy }) => [String(labels), decimals(accuracy, 4)]),
    ),
    '',
    `Items for a 95% interval of +- ${halfWidth} around the share of a class:`,
    textTable(
      ['class', 'share', 'rho', 'labels', 'items', 'power'],
      plan.sizes.map((size) => [
        size.class,
        decimals(size.mean),
        decimals(size.rho),
        String(size.votesPerItem),
        String(size.items),
        decimals(size.power, 2),
      ]),
    ),
    '',
    `Asking only while a label is worth its price of ${plan.stopping.price}: ${decimals(plan.stopping.labels, 2)} labels an item ` +
      `instead of ${decimals(plan.stopping.available, 2)} (workers judged on these items too: somewhat too few).`,
    '',
    `Gold: ${plan.gold.items} of ${plan.gold.tasks} tasks (${decimals(100 * plan.gold.share, 1)}%), fail below ${plan.gold.needed} right; ` +
      `one by one about ${decimals(sequential.answersIfGood, 1)} for a good worker, ${decimals(sequential.answersIfBad, 1)} for a bad one.`,
  ].join('\n')
}

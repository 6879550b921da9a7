/** `stats bias FILE`: does position, length, speed, severity or group show in the answers? */
import type { Command } from 'commander'
import { action, example, whole } from '../../platform/command.ts'

export interface BiasFlags {
  columns?: string
  seed: number
  out?: string
  json?: boolean
}

export function biasCommand(stats: Command): void {
  const command = stats
    .command('bias')
    .description('tests of bias per worker and for all, as the columns of the file allow')
    .argument('<file>', 'CSV or JSON lines, one row an answer, in the order of time')
    .option('--columns <names>', 'names of the columns, as in winner=choice,worker=annotator')
    .option('--seed <number>', 'seed of permutations and simulations', whole(0), 0)
    .option('--out <file>', 'CSV with a row per test')
    .option('--json', 'print JSON')
    .action(action(async (file: string, flags: BiasFlags) => (await import('./bias-run.ts')).run(file, flags)))
  command.addHelpText(
    'after',
    `
Columns and what they are used for:
  worker, winner (left, right, tie)       sides of the screen
    + length_left, length_right           preference for length
    + feature_left, feature_right         preference for any other number (lists, headings, ...)
  worker, seconds, correct (1, 0)         speed against quality
  worker, correct                         drift and change of quality, in the order of the rows
  worker, item, score                     severity of numeric ratings
  worker, item, label, group              cohesion of groups of workers
  item (or stratum), correct or label of two kinds, group of two kinds: differential functioning (Mantel-Haenszel)`,
  )
  example(command, 'stats bias votes.csv --columns worker=annotator')
}

/** `stats agreement FILE`: how far raters agree, beyond chance, with an interval. */
import type { Command } from 'commander'
import { action, example, whole } from '../../platform/command.ts'
import { refuse } from '../errors.ts'

export interface AgreementFlags {
  layout: string
  coefficient: string
  weights?: string
  metric?: string
  order?: string
  columns?: string
  confidence: string
  bootstrap?: string
  aggregate?: string
  seed: number
  out?: string
  outPairs?: string
  json?: boolean
}

export function agreementCommand(stats: Command): void {
  const command = stats
    .command('agreement')
    .description('how far raters agree beyond chance, with standard error and interval')
    .argument('<file>', 'CSV or JSON lines')
    .option(
      '--layout <layout>',
      'long (item, worker, label), raters, units, table or spans (item, worker, start, end, label)',
      'long',
    )
    .option(
      '--coefficient <name>',
      'percent, cohen, scott, fleiss, conger, brennan-prediger, gwet, krippendorff, all; icc, kendall for numbers',
      'all',
    )
    .option('--weights <name>', 'identity, linear, quadratic, ordinal, radical, ratio, circular, bipolar')
    .option('--metric <name>', 'Krippendorff: nominal, ordinal, interval, ratio, masi (label sets)')
    .option('--order <labels>', 'the labels from low to high, separated by commas')
    .option('--columns <names>', 'item=NAME,worker=NAME,label=NAME of the long layout')
    .option('--confidence <share>', 'coverage of the interval', '0.95')
    .option('--bootstrap <over>', 'interval from 1,000 resamples over items, or over items-and-raters')
    .option('--aggregate <k>', 'reliability of labels that k raters make together, from items with 2 k ratings')
    .option('--seed <number>', 'seed of the bootstrap and of draws', whole(0), 0)
    .option('--out <file>', 'CSV with a row per item: ratings and how far they agree')
    .option('--out-pairs <file>', 'CSV with a row per pair of raters: common items, agreement, kappa')
    .option('--json', 'print JSON')
    .action(
      action(async (file: string, flags: AgreementFlags) => (await import('./agreement-run.ts')).run(file, flags)),
    )
  example(command, 'stats agreement labels.csv --coefficient krippendorff --metric ordinal')
}

export function oneOf<T extends string>(flag: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((name) => name === value)
  return found ?? refuse(`${flag} does not know ${value}.`, { where: flag, hint: `One of ${allowed.join(', ')}.` })
}

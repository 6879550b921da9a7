/** `stats ppi FILE`: a valid interval from few human labels and many of a judge. */
import type { Command } from 'commander'
import { action, example } from '../../platform/command.ts'

export interface PpiFlags {
  columns?: string
  confidence: string
  out?: string
  json?: boolean
}

export function ppiCommand(stats: Command): void {
  const command = stats
    .command('ppi')
    .description('a mean, rate, win rate or Bradley-Terry scores from few human labels and many of a judge')
    .argument('<file>', 'CSV or JSON lines with human (empty where nobody labelled), judge; stratum; left, right')
    .option('--columns <names>', 'human=NAME,judge=NAME,stratum=NAME,left=NAME,right=NAME')
    .option('--confidence <share>', 'coverage of the interval', '0.95')
    .option('--out <file>', 'CSV with a row per estimate')
    .option('--json', 'print JSON')
    .action(action(async (file: string, flags: PpiFlags) => (await import('./ppi-run.ts')).run(file, flags)))
  command.addHelpText(
    'after',
    '\nLabels are numbers, or yes and no (1, 0), or left, right and tie (1, 0, 0.5). With columns left and right (names of models)\nthe result is a score of each model.',
  )
  example(command, 'stats ppi verdicts.csv --columns human=label,judge=gpt')
}

/** `./plumbline stats ...`: the statistics on files of one's own, without server or database. */
import type { Command } from 'commander'
import { agreementCommand } from './cli/agreement.ts'
import { biasCommand } from './cli/bias.ts'
import { planCommand } from './cli/plan.ts'
import { ppiCommand } from './cli/ppi.ts'
import { preferenceCommand } from './cli/preference.ts'
import { truthCommand } from './cli/truth.ts'

export function statsCommands(program: Command): void {
  const stats = program.command('stats').description('statistics on files of labels, ratings and votes')
  agreementCommand(stats)
  biasCommand(stats)
  ppiCommand(stats)
  truthCommand(stats)
  preferenceCommand(stats)
  planCommand(stats)
}

/** The one place that knows every folder: gathers each folder's `cli.ts` into one command line. */
import { Command } from 'commander'
import { report } from './platform/command.ts'
import { statsCommands } from './stats/cli.ts'

const program = new Command('plumbline')
  .description('Turns human feedback into aligned, safe language models')
  .showHelpAfterError('(--help shows what it takes)')
  .configureOutput({ writeErr: (text) => process.stderr.write(text) })

statsCommands(program)

try {
  await program.parseAsync()
} catch (error) {
  report(error)
}

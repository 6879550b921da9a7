/** The one command line: gathers each folder's `cli.ts`. What a command needs is loaded when it runs. */
import { Command } from 'commander'
import { exportCommands } from './assure/export/cli.ts'
import { checkCommand } from './checks/cli.ts'
import { promptCommands } from './collect/prompts/cli.ts'
import { demoCommands } from './demo/cli.ts'
import { evaluateCommands } from './evaluate/cli.ts'
import { datasetCommands } from './learn/datasets/cli.ts'
import { trainCommands } from './learn/runs/cli.ts'
import { lineageCommand } from './learn/runs/lineage-cli.ts'
import { runCommands } from './learn/runs/run-cli.ts'
import { roundCommands } from './loop/cli.ts'
import { modelsCommands } from './models/cli.ts'
import { peopleCommands } from './people/cli.ts'
import { auditCommands } from './platform/audit-cli.ts'
import { action, example, exitCode, report, whole } from './platform/command.ts'
import { databaseCommands } from './platform/database/cli.ts'
import { projectCommands } from './projects/cli.ts'
import { statsCommands } from './stats/cli.ts'

const program = new Command('plumbline')
  .description('Turns human feedback into aligned, safe language models')
  .showHelpAfterError('(--help shows what it takes)')
  .configureOutput({ writeErr: (text) => process.stderr.write(text) })
  // Else a mistyped option would end like an answer that is no.
  .exitOverride(({ exitCode: code }) => process.exit(code === 0 ? exitCode.ok : exitCode.badInput))

const serve = program
  .command('serve')
  .description('Run the server until SIGTERM')
  .option('--data <dir>', 'the data folder', './data')
  .option('--port <n>', 'the port', whole(0, 65_535), 7700)
  .option('--host <name>', 'the address to listen on', '127.0.0.1')
  .option('--no-demo', 'without the demo project')
example(serve, 'serve --data ./data --port 7700').action(
  action(async (options) => {
    const { serveUntilStopped } = await import('./serve.ts')
    await serveUntilStopped(options)
  }),
)

demoCommands(program)
projectCommands(program)
peopleCommands(program)
promptCommands(program)
exportCommands(program)
auditCommands(program)
databaseCommands(program)
datasetCommands(program)
trainCommands(program)
runCommands(program)
modelsCommands(program)
evaluateCommands(program)
roundCommands(program)
lineageCommand(program)
checkCommand(program)
statsCommands(program)

try {
  await program.parseAsync()
} catch (error) {
  report(error)
}

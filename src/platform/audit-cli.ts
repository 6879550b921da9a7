/** `audit verify`: recompute the chain and name the first broken row. */
import type { Command } from 'commander'
import { action, example, exitCode, print } from './command.ts'
import { type DataOptions, withData, withOpenData } from './data-option.ts'

const verify = (options: DataOptions): Promise<void> =>
  withOpenData(options, async ({ db }) => {
    const { verifyAudit } = await import('./audit.ts')
    const verdict = await verifyAudit(db)
    print(verdict, options.json, ({ ok, rows, unsealed, firstBroken }) =>
      ok
        ? `the chain holds: ${rows} rows sealed, ${unsealed} not sealed yet`
        : `THE CHAIN IS BROKEN at row ${firstBroken?.sequence}: ${firstBroken?.why}`,
    )
    if (!verdict.ok) process.exitCode = exitCode.negative
  })

export function auditCommands(program: Command): void {
  const audit = program.command('audit').description('The audit log')
  const verifying = audit
    .command('verify')
    .description('Check that no audited row was changed, removed or put elsewhere (exit code 1 if one was)')
  example(withData(verifying), 'audit verify --data ./data').action(action(verify))
}

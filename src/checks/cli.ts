/** `check`: what the checkers of text find in a file of rows. */
import type { Command } from 'commander'
import { action, example } from '../platform/command.ts'

export interface CheckFlags {
  for: string[]
  languages?: string[]
  pattern?: string[]
  json?: boolean
}

export function checkCommand(program: Command): void {
  const command = program
    .command('check')
    .argument('<file>', 'JSONL, JSON, CSV or TSV, also packed with gzip; every text of every row is looked at')
    .description('Find personal data, secrets, loops and refusals in a file (exit code 1 if there are any)')
    .option('--for <checker...>', 'pii, or single ones of it (email, phone, iban, ...); url; repetition; refusal', [
      'pii',
      'repetition',
      'refusal',
    ])
    .option('--languages <code...>', 'also paragraphs that are surely in none of these languages')
    .option('--pattern <pattern...>', 'also what a regular expression finds')
    .option('--json', 'print one JSON document')
  example(command, 'check pairs.jsonl', 'check answers.csv --for pii --languages en de --json').action(
    action(async (file: string, flags: CheckFlags) => (await import('./cli/run.ts')).run(file, flags)),
  )
}

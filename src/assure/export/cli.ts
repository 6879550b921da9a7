/** `export`: what people said, as a file. */
import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Command, Option } from 'commander'
import { action, example, print } from '../../platform/command.ts'
import { type DataOptions, withData } from '../../platform/data-option.ts'
import { inProject } from '../../projects/project-option.ts'
import type { Packing } from './contract.ts'

interface Options extends DataOptions {
  project: string
  format: string
  out: string
  all?: boolean
  packing?: Packing
}

const run = ({ format, out, all: every, packing, ...options }: Options): Promise<void> =>
  inProject(options, async (db, project) => {
    const { openExport } = await import('./formats.ts')
    const { bytes, rows, unwritten } = openExport(db, { project, format, every, packing })
    await pipeline(Readable.from(bytes), createWriteStream(out))
    print({ rows: rows(), unwritten: unwritten() }, options.json, (result) =>
      result.unwritten
        ? `${result.rows} rows written to ${out}; ${result.unwritten} cannot be said in this format`
        : `${result.rows} rows written to ${out}`,
    )
  })

export function exportCommands(program: Command): void {
  const command = program
    .command('export')
    .description('Write annotations, consensus or preference pairs to a file')
    .requiredOption('--project <project>', 'id or name')
    .requiredOption(
      '--format <format>',
      'annotations, annotations-csv, consensus, hh, trl-preference, trl-preference-implicit, trl-preference-conversational',
    )
    .requiredOption('--out <file>', 'the file to write')
    .option('--all', 'annotations: also imported, superseded and withdrawn ones')
    .addOption(
      new Option('--packing <packing>', 'kind of file; without it, the first that the format has').choices([
        'jsonl',
        'csv',
        'parquet',
      ]),
    )
  example(
    withData(command),
    'export --project Helpdesk --format annotations --out annotations.jsonl',
    'export --project Helpdesk --format consensus --packing parquet --out consensus.parquet',
  ).action(action(run))
}

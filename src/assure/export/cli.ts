/** `export`: what people said, as a file. */
import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Command } from 'commander'
import { action, example, print } from '../../platform/command.ts'
import { type DataOptions, openData, withData } from '../../platform/data-option.ts'

interface Options extends DataOptions {
  project: string
  format: string
  out: string
  all?: boolean
  packing: 'jsonl' | 'parquet'
}

async function run({ project: wanted, format, out, all: every, packing, ...options }: Options): Promise<void> {
  const [{ openExport }, { projectNamed }] = await Promise.all([
    import('./formats.ts'),
    import('../../projects/store.ts'),
  ])
  const { db, close } = await openData(options)
  try {
    const project = await projectNamed(db, wanted)
    const { bytes, rows, unwritten } = openExport(db, { project: project.id, format, every, packing })
    await pipeline(Readable.from(bytes), createWriteStream(out))
    print({ rows: rows(), unwritten: unwritten() }, options.json, (result) =>
      result.unwritten
        ? `${result.rows} rows written to ${out}; ${result.unwritten} cannot be said in this format`
        : `${result.rows} rows written to ${out}`,
    )
  } finally {
    await close()
  }
}

export function exportCommands(program: Command): void {
  const command = program
    .command('export')
    .description('Write annotations or preference pairs to a file')
    .requiredOption('--project <project>', 'id or name')
    .requiredOption(
      '--format <format>',
      'annotations, annotations-csv, hh, trl-preference, trl-preference-implicit, trl-preference-conversational',
    )
    .requiredOption('--out <file>', 'the file to write')
    .option('--all', 'annotations: also imported, superseded and withdrawn ones')
    .option('--packing <packing>', 'pairs: jsonl or parquet', 'jsonl')
  example(withData(command), 'export --project Helpdesk --format annotations --out annotations.jsonl').action(
    action(run),
  )
}

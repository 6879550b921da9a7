/** `export`: what people said, as a file. */

import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import type { Command } from 'commander'
import { action, example, print } from '../../platform/command.ts'
import { type DataOptions, openData, withData } from '../../platform/data-option.ts'
import { fail } from '../../platform/errors.ts'

interface Options extends DataOptions {
  project: string
  format: string
  out: string
  all?: boolean
}

async function writeLines(file: string, rows: AsyncIterable<unknown>): Promise<number> {
  const out = createWriteStream(file)
  const failed = once(out, 'error').then(([error]) => Promise.reject(error))
  failed.catch(() => {})
  let count = 0
  let buffered = ''
  const flush = async () => {
    if (!out.write(buffered)) await Promise.race([once(out, 'drain'), failed])
    buffered = ''
  }
  for await (const row of rows) {
    buffered += `${JSON.stringify(row)}\n`
    if (++count % 1000 === 0) await flush()
  }
  await flush()
  out.end()
  await Promise.race([once(out, 'finish'), failed])
  return count
}

async function run(options: Options): Promise<void> {
  const [{ annotationRows }, { findProjectByName }] = await Promise.all([
    import('./annotations.ts'),
    import('../../projects/store.ts'),
  ])
  if (options.format !== 'annotations')
    fail('bad_input', `There is no export format "${options.format}".`, { where: '--format' })
  const { db, close } = await openData(options)
  try {
    const project =
      (await findProjectByName(db, options.project)) ??
      fail('not_found', 'There is no project of that id or name.', { where: `--project ${options.project}` })
    const rows = await writeLines(options.out, annotationRows(db, project.id, options.all ?? false))
    print({ rows }, options.json, (result) => `${result.rows} rows written to ${options.out}`)
  } finally {
    await close()
  }
}

export function exportCommands(program: Command): void {
  const command = program
    .command('export')
    .description('Write annotations or training data to a file')
    .requiredOption('--project <project>', 'id or name')
    .requiredOption('--format <format>', 'annotations')
    .requiredOption('--out <file>', 'the file to write')
    .option('--all', 'annotations: also imported, superseded and withdrawn ones')
  example(withData(command), 'export --project Helpdesk --format annotations --out annotations.jsonl').action(
    action(run),
  )
}

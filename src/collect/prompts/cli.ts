/** `import`: files of prompts, responses and judgements into a project. */
import { createReadStream, existsSync } from 'node:fs'
import { basename } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { action, example, print, say } from '../../platform/command.ts'
import { type DataOptions, openData, withData } from '../../platform/data-option.ts'
import { fail } from '../../platform/errors.ts'

interface Options extends DataOptions {
  project: string
  format: string
  as?: 'tasks'
  overlap: number
  skill?: string[]
  strict?: boolean
  prompt?: string[]
  response?: string[]
}

function positive(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1 || value > 1000)
    throw new InvalidArgumentError('It is a whole number from 1 to 1000.')
  return value
}

async function run(file: string, options: Options): Promise<void> {
  const [{ formatNamed }, { importFile }, { projectNamed }] = await Promise.all([
    import('../../formats/index.ts'),
    import('./import.ts'),
    import('../../projects/store.ts'),
  ])
  const format = formatNamed(options.format)
  if (!existsSync(file)) fail('bad_input', 'There is no such file.', { where: file })
  const { db, close } = await openData(options)
  try {
    const project = await projectNamed(db, options.project)
    let said = 0
    const result = await importFile(db, {
      project: project.id,
      format,
      open: () => createReadStream(file),
      fileName: basename(file),
      mapping: options.prompt ? { prompt: options.prompt, responses: options.response ?? [] } : undefined,
      tasks: options.as === 'tasks' ? { overlap: options.overlap, skills: options.skill } : undefined,
      onProblem: options.strict ? 'take-nothing' : 'keep-the-rest',
      actor: 'operator',
      clock: () => new Date(),
      progress: (rows) => {
        if (rows - said < 100_000) return
        said = rows
        say(`${rows.toLocaleString('en')} rows`)
      },
    })
    print(result, options.json, (r) =>
      [
        `${r.prompts} prompts, ${r.responses} responses, ${r.tasks} tasks, ${r.judgements} judgements added; ${r.skipped} rows were there already; ${r.failedCount} failed`,
        ...r.failed.slice(0, 20).map(({ line, reason }) => `  line ${line}: ${reason}`),
      ].join('\n'),
    )
  } finally {
    await close()
  }
}

export function promptCommands(program: Command): void {
  const command = program
    .command('import')
    .argument('<file>', 'JSONL, JSON, CSV or TSV, also packed with gzip')
    .description('Import prompts, responses and judgements')
    .requiredOption('--project <project>', 'id or name')
    .requiredOption(
      '--format <format>',
      'hh, trl-preference, trl-prompt-only, trl-prompt-completion, kto, oasst, csv, jsonl',
    )
    .addOption(
      new Option('--as <what>', 'tasks: make a compare task of each row; one without two responses is refused').choices(
        ['tasks'],
      ),
    )
    .option('--overlap <n>', 'how many people judge each task', positive, 1)
    .option('--skill <skill...>', 'skills that a person needs for the tasks')
    .option('--strict', 'take nothing unless every row can be read')
    .option('--prompt <column...>', 'csv, jsonl: the columns of the prompt')
    .option('--response <column...>', 'csv, jsonl: the columns of the responses')
  example(withData(command), 'import pairs.jsonl.gz --project Helpdesk --format hh --as tasks --overlap 3').action(
    action(run),
  )
}

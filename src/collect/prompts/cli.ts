/** `import`: files of prompts, responses and judgements into a project. */
import { createReadStream, existsSync } from 'node:fs'
import { basename } from 'node:path'
import { type Command, Option } from 'commander'
import type { Mapping, Verdict } from '../../formats/index.ts'
import { verdictOf } from '../../formats/judgement.ts'
import { action, example, exitCode, print, say, whole } from '../../platform/command.ts'
import { type DataOptions, withData } from '../../platform/data-option.ts'
import { fail, PlumblineError } from '../../platform/errors.ts'
import { inProject } from '../../projects/project-option.ts'
import type { Refused } from './contract.ts'

interface Options extends DataOptions {
  project: string
  format: string
  as?: 'tasks'
  overlap: number
  skill?: string[]
  priority?: number
  tag?: string[]
  strict?: boolean
  check?: boolean
  prompt?: string[]
  response?: string[]
  preferred?: string
  means?: string[]
  strength?: string
}

const linesOf = ({ failed, failedCount }: Refused, most = 20): string[] => [
  ...failed.slice(0, most).map(({ line, reason }) => `  line ${line}: ${reason}`),
  ...(failedCount > most
    ? [`  and ${(failedCount - most).toLocaleString('en')} more; --json lists the first thousand`]
    : []),
]

/** `model_a=1`: what the values of the column of verdicts mean. */
function meansOf(pairs: string[]): Record<string, Verdict> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.lastIndexOf('=')
      const verdict = at > 0 && verdictOf(pair.slice(at + 1))
      if (!verdict)
        return fail('bad_input', `"${pair}" does not say what a value means.`, {
          where: '--means',
          hint: 'Write VALUE=1, VALUE=2, VALUE=tie or VALUE=both-bad.',
        })
      return [pair.slice(0, at), verdict]
    }),
  )
}

function mappingOf({ prompt, response = [], preferred, means, strength }: Options): Mapping | undefined {
  if (!prompt) return undefined
  return {
    prompt,
    responses: response,
    preferred: preferred === undefined ? undefined : { column: preferred, means: means && meansOf(means) },
    strength,
  }
}

async function run(file: string, options: Options): Promise<void> {
  const [{ formatNamed }, { checkFile, importFile }] = await Promise.all([
    import('../../formats/index.ts'),
    import('./import.ts'),
  ])
  const format = formatNamed(options.format)
  if (!existsSync(file)) fail('bad_input', 'There is no such file.', { where: file })
  let said = 0
  const reading = {
    format,
    open: () => createReadStream(file),
    fileName: basename(file),
    mapping: mappingOf(options),
    progress: (rows: number, how: string) => {
      if (rows < said) said = 0
      if (rows - said < 100_000) return
      said = rows
      say(`${rows.toLocaleString('en')} rows ${how}`)
    },
  }
  const asTasks = options.as === 'tasks'
  if (options.check) {
    const result = await checkFile({ ...reading, asTasks })
    print(result, options.json, (r) =>
      [`${r.rows} rows can be taken; ${r.failedCount} cannot`, ...linesOf(r)].join('\n'),
    )
    if (result.failedCount) process.exitCode = exitCode.negative
    return
  }
  await inProject(options, async (db, project) => {
    const { overlap, skill: skills, priority } = options
    const result = await importFile(db, {
      ...reading,
      project,
      tasks: asTasks ? { overlap, skills, priority } : undefined,
      tags: options.tag,
      onProblem: options.strict ? 'take-nothing' : 'keep-the-rest',
      actor: 'operator',
      clock: () => new Date(),
    }).catch((error: unknown) => {
      const { details } = error instanceof PlumblineError ? error : {}
      if (details) for (const line of linesOf(details as Refused)) say(line)
      throw error
    })
    print(result, options.json, (r) =>
      [
        `${r.prompts} prompts, ${r.responses} responses, ${r.tasks} tasks, ${r.judgements} judgements added; ${r.skipped} rows were there already; ${r.failedCount} failed`,
        ...linesOf(r),
      ].join('\n'),
    )
  })
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
    .option('--overlap <n>', 'how many people judge each task', whole(1, 1000), 1)
    .option('--skill <skill...>', 'skills that a person needs for the tasks')
    .option('--priority <n>', 'of the tasks, -1000 to 1000; lower comes first', whole(-1000, 1000))
    .option('--tag <tag...>', 'tags for the prompts')
    .option('--strict', 'take nothing unless every row can be read')
    .option('--check', 'read the whole file and say which rows fail, taking nothing; exit code 1 where any does')
    .option('--prompt <column...>', 'csv, jsonl: the columns of the prompt')
    .option('--response <column...>', 'csv, jsonl: the columns of the responses')
    .option('--preferred <column>', 'csv, jsonl: the column that says which of two responses is better')
    .option('--means <value=what...>', 'what its values mean: VALUE=1, VALUE=2, VALUE=tie or VALUE=both-bad')
    .option('--strength <column>', 'csv, jsonl: the column of how strongly one is preferred, up to 3')
  example(withData(command), 'import pairs.jsonl.gz --project Helpdesk --format hh --as tasks --overlap 3').action(
    action(run),
  )
}

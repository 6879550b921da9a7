/** `model lineage`: where a model of a project comes from, down to single annotations. */
import type { Command } from 'commander'
import { action, example, print } from '../../platform/command.ts'
import { type DataOptions, withData, withOpenData } from '../../platform/data-option.ts'
import { fail } from '../../platform/errors.ts'
import { pseudonymOf } from './pseudonym.ts'

interface Options extends DataOptions {
  project?: string
}

const lineage = (name: string, { project, ...options }: Options): Promise<void> =>
  withOpenData(options, async ({ db }) => {
    const [{ findCheckpoints }, { projectNamed }, { lineageOf }] = await Promise.all([
      import('../../models/checkpoints/store.ts'),
      import('../../projects/store.ts'),
      import('./lineage.ts'),
    ])
    const projects = project === undefined ? undefined : [(await projectNamed(db, project)).id]
    const [found, ...others] = await findCheckpoints(db, { name, projects })
    if (!found)
      return fail('not_found', `There is no model '${name}'.`, {
        where: 'model',
        hint: '`./plumbline model list --data DIR` shows those of all projects.',
      })
    if (others.length)
      fail('conflict', `Several projects have a model named '${name}'.`, {
        where: 'model',
        hint: `Name one with --project: ${[found, ...others].map(({ projectName }) => `"${projectName}"`).join(', ')}.`,
      })
    print(await lineageOf(db, found.project, found.id), options.json, (line) =>
      [
        `${line.name}: ${line.runs.length} runs, ${line.snapshots.length} datasets, ${line.annotations.length} annotations`,
        `guideline versions: ${line.guidelineVersions.join(', ') || 'none'}`,
        ...line.runs.map((run) => `run ${run}`),
        ...line.snapshots.map((snapshot) => `dataset ${snapshot}`),
        ...line.rounds.map((round) => `round ${round}`),
        ...line.people.map(({ person, annotations }) => `${pseudonymOf(person)}: ${annotations} annotations`),
      ].join('\n'),
    )
  })

/** Adds to the command `model`, which must be there. */
export function lineageCommand(program: Command): void {
  const model = program.commands.find((command) => command.name() === 'model')!
  const command = model
    .command('lineage <model>')
    .description('Where a model of a project comes from: runs, datasets, rounds, guideline versions, annotations')
    .option('--project <project>', 'id or name, where several projects have a model of that name')
  example(withData(command), 'model lineage "dpo 1" --data ./data --json').action(action(lineage))
}

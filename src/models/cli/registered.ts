/** `--data DIR`: commands on models then also know those of its projects. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { say } from '../../platform/command.ts'
import { withOpenData } from '../../platform/data-option.ts'
import { fail } from '../../platform/errors.ts'
import type { Checkpoint } from '../checkpoints/store.ts'

export interface Naming {
  model: string
  data?: string
  project?: string
}

export const inData = (command: Command): Command =>
  command
    .option('--data <dir>', 'a data folder: its models are known by name or id')
    .option('--project <project>', 'with --data: id or name, where several projects have a model of that name')

/** Models of a data folder that a name, or nothing, stands for. */
export async function registered(
  { data, project }: { data: string; project?: string },
  name?: string,
): Promise<(Checkpoint & { projectName: string })[]> {
  // A folder that is not there would become a new one, with nothing in it.
  if (!process.env.DATABASE_URL && !existsSync(data))
    fail('not_found', 'There is no such data folder.', { where: `--data ${data}` })
  return withOpenData({ data }, async ({ db }) => {
    const [{ findCheckpoints }, { projectNamed }] = await Promise.all([
      import('../checkpoints/store.ts'),
      import('../../projects/store.ts'),
    ])
    const projects = project === undefined ? undefined : [(await projectNamed(db, project)).id]
    return findCheckpoints(db, { name, projects })
  })
}

/** Where a model lies. One of a project is asked as its server asks it: what a prompt says is the user's message. */
export async function located({ model, data, project }: Naming) {
  const { findModel } = await import('../local.ts')
  if (project !== undefined && data === undefined)
    fail('bad_input', '--project names a project of --data.', { where: '--project' })
  let known: (Checkpoint & { projectName: string }) | undefined
  const path = await findModel(model, {
    say,
    registered: async (name) => {
      if (data === undefined) return undefined
      const [found, ...others] = await registered({ data, project }, name)
      if (others.length)
        fail('conflict', `Several projects have a model named '${name}'.`, {
          where: 'model',
          hint: `Name one with --project: ${[found!, ...others].map(({ projectName }) => `"${projectName}"`).join(', ')}.`,
        })
      known = found
      return found && resolve(data, found.path)
    },
  })
  return { path, ofProject: known !== undefined, known, dataDir: data === undefined ? undefined : resolve(data) }
}

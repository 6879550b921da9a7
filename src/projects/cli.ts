/** `project`: add and list projects. */
import type { Command } from 'commander'
import { action, example, print, whole } from '../platform/command.ts'
import { type DataOptions, withData, withOpenData } from '../platform/data-option.ts'
import { fail } from '../platform/errors.ts'

async function add(name: string, options: DataOptions & { leaseSeconds?: number }): Promise<void> {
  if (!name.trim()) fail('bad_input', 'A project needs a name.', { where: 'NAME' })
  const [{ addProject, findProjectByName }, { recordAudit }, { inTransaction }] = await Promise.all([
    import('./store.ts'),
    import('../platform/audit.ts'),
    import('../platform/sql.ts'),
  ])
  await withOpenData(options, async ({ db }) => {
    const id = await inTransaction(db, async (trx) => {
      if (await findProjectByName(trx, name))
        fail('conflict', `There is a project called "${name}" already.`, { where: 'NAME' })
      const id = await addProject(trx, { name, leaseSeconds: options.leaseSeconds }, undefined)
      await recordAudit(
        trx,
        [{ actor: 'operator', action: 'project.create', subject: `project ${id}`, project: id }],
        new Date(),
      )
      return id
    })
    print({ id, name }, options.json, (project) => `${project.id}  ${project.name}`)
  })
}

const list = (options: DataOptions): Promise<void> =>
  withOpenData(options, async ({ db }) => {
    const { listProjects } = await import('./store.ts')
    const rows = await listProjects(db, '00000000-0000-0000-0000-000000000000', true)
    print(
      rows,
      options.json,
      (projects) => projects.map((one) => `${one.id}  ${one.name}`).join('\n') || 'no projects yet',
    )
  })

export function projectCommands(program: Command): void {
  const project = program.command('project').description('Add and list projects')
  const adding = project
    .command('add <name>')
    .description('Add a project')
    .option('--lease-seconds <n>', 'how long a person may hold a task', whole(1, 86_400))
  example(withData(adding), 'project add Helpdesk --lease-seconds 1800').action(action(add))
  example(withData(project.command('list').description('List projects')), 'project list --json').action(action(list))
}

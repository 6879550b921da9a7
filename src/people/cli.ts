/** `user`: bring people in, list them, give them a new link to sign in with. */
import { type Command, Option } from 'commander'
import { action, example, print } from '../platform/command.ts'
import { type DataOptions, withData, withOpenData } from '../platform/data-option.ts'
import { inProject } from '../projects/project-option.ts'
import { type Role, roles } from './roles.ts'

interface WithUrl extends DataOptions {
  url: string
}
interface AddOptions extends WithUrl {
  project: string
  role: Role
  key?: boolean
  simulatedAs?: string
}

const withUrl = (command: Command): Command =>
  withData(command).addOption(
    new Option('--url <url>', 'where people reach Plumbline, for links')
      .env('PLUMBLINE_URL')
      .default('http://localhost:7700'),
  )

const add = (emails: string[], options: AddOptions): Promise<void> =>
  inProject(options, async (db, project) => {
    const { enrol } = await import('./enrol.ts')
    const { role, key = false, simulatedAs, url } = options
    const users = await enrol(db, { emails, project, role, key, simulatedAs, publicUrl: url }, new Date())
    print({ users }, options.json, (result) =>
      result.users.map((user) => [user.id, user.email, user.key ?? user.link].filter(Boolean).join('  ')).join('\n'),
    )
  })

const list = (options: DataOptions): Promise<void> =>
  withOpenData(options, async ({ db }) => {
    const { listPeople } = await import('./organisation/store.ts')
    const users: Awaited<ReturnType<typeof listPeople>>['rows'] = []
    let after: string | null = null
    do {
      const page: Awaited<ReturnType<typeof listPeople>> = await listPeople(db, {
        after: after ?? undefined,
        limit: 1000,
      })
      users.push(...page.rows)
      after = page.next
    } while (after)
    print({ users }, options.json, (result) =>
      result.users.length === 0
        ? 'nobody yet'
        : result.users
            .map((user) =>
              [user.id, user.email, user.name, user.owner && 'owner', user.disabled && 'disabled']
                .filter(Boolean)
                .join('  '),
            )
            .join('\n'),
    )
  })

const link = (email: string, options: WithUrl & { dropSecondFactor?: boolean }): Promise<void> =>
  withOpenData(options, async ({ db }) => {
    const { passwordLinkFor } = await import('./enrol.ts')
    const { url: publicUrl, dropSecondFactor = false } = options
    print(
      await passwordLinkFor(db, email, { publicUrl, dropSecondFactor }, new Date()),
      options.json,
      (made) => made.link,
    )
  })

export function peopleCommands(program: Command): void {
  const user = program.command('user').description('People: add, list, give a new link to sign in with')
  const adding = user
    .command('add <email...>')
    .description('Add people to a project; each without a password gets a link to set one')
    .requiredOption('--project <project>', 'name or id of the project')
    .addOption(new Option('--role <role>', 'their role in the project').choices(roles).makeOptionMandatory())
    .option('--key', 'make each an API key for the project instead, shown this once')
    .option('--simulated-as <kind>', 'a program answers in their name; every screen, export and dataset says so')
  example(
    withUrl(adding),
    'user add ada@example.org bob@example.org --project Helpdesk --role annotator',
    'user add robot@example.org --project Helpdesk --role engineer --key --json',
    'user add hasty@example.org --project Helpdesk --role annotator --key --simulated-as careless',
  ).action(action(add))
  example(withData(user.command('list').description('List everybody with an account')), 'user list').action(
    action(list),
  )
  const linking = user
    .command('link <email>')
    .description('Make a link with which somebody sets a new password, good for two days')
    .option('--drop-second-factor', 'also turn off a second factor that was lost')
  example(withUrl(linking), 'user link ada@example.org').action(action(link))
}

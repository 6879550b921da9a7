/**
 * The one step of the demo that is no client: a project, a script that leads it and simulated people who work in it, each with
 * a key that holds for a day. From then on everything goes through the public API.
 */
import { sql } from 'kysely'
import { enrolIn } from '../people/enrol.ts'
import { recordAudit } from '../platform/audit.ts'
import { all, type Db, first, inTransaction, one } from '../platform/sql.ts'
import { addProject, noteDemoProblem } from '../projects/store.ts'
import { kinds, people } from './people.ts'

export interface Cast {
  project: string
  /** The key of the script that leads. */
  lead: string
  /** By name, the key of each person. */
  keys: Record<string, string>
}

const leadEmail = 'script@demo.invalid'
const emailOf = (name: string) => `${name.toLowerCase()}@demo.invalid`

/** `absent`: nothing is here yet; `unfinished`: a script was at work when its server ended; `over`: nothing to do. */
type DemoState = 'absent' | 'unfinished' | 'over'

const ownKeys = (project: string) =>
  sql`k.revoked_at IS NULL AND k.project_id = ${project} AND k.person_id IN (SELECT id FROM people WHERE simulated_as IS NOT NULL)`

const demoProject = (db: Db) =>
  first(db, sql<{ id: string }>`SELECT id FROM projects WHERE demo AND archived_at IS NULL ORDER BY created_at LIMIT 1`)

export async function demoState(db: Db): Promise<DemoState> {
  const { used } = await one(
    db,
    sql<{ used: boolean }>`SELECT EXISTS (SELECT 1 FROM projects) OR EXISTS (SELECT 1 FROM people) AS used`,
  )
  if (!used) return 'absent'
  const found = await demoProject(db)
  if (!found) return 'over'
  return (await first(db, sql`SELECT 1 FROM api_keys k WHERE ${ownKeys(found.id)} LIMIT 1`)) ? 'unfinished' : 'over'
}

/** Makes the demo's project and people, or gives those of an unfinished one new keys in place of the old. */
export const bootstrap = (db: Db, publicUrl: string, at: Date): Promise<Cast> =>
  inTransaction(db, async (trx) => {
    const found = await demoProject(trx)
    const project =
      found?.id ??
      (await addProject(
        trx,
        {
          name: 'Demo: a help desk',
          description:
            'Which of two replies helps the customer more? The people here are simulated, and so is the shop; the models are real and learn from what the people say.',
          demo: true,
        },
        undefined,
      ))
    if (found) await revokeKeys(trx, project, at)
    else
      await recordAudit(
        trx,
        [
          {
            actor: 'operator',
            action: 'project.create',
            subject: `project ${project}`,
            project,
            after: { demo: true },
          },
        ],
        at,
      )
    const enrolment = { project, key: true, publicUrl }
    const [script] = await enrolIn(trx, { ...enrolment, emails: [leadEmail], role: 'lead', simulatedAs: 'script' }, at)
    const keys: Record<string, string> = {}
    for (const kind of kinds) {
      const own = people.filter((person) => person.kind === kind)
      const emails = own.map(({ name }) => emailOf(name))
      const made = await enrolIn(trx, { ...enrolment, emails, role: 'annotator', simulatedAs: kind }, at)
      for (const [i, { name }] of own.entries()) {
        keys[name] = made[i]!.key!
        await called(trx, made[i]!.id, name)
      }
    }
    await called(trx, script!.id, 'The script of the demo')
    return { project, lead: script!.key!, keys }
  })

const called = (trx: Db, person: string, name: string) =>
  sql`UPDATE people SET name = ${name} WHERE id = ${person}`.execute(trx)

/** The script is through, or could not go on: its keys and those of its people are worth nothing any more. */
export const dismiss = (db: Db, project: string, at: Date, problem?: string): Promise<void> =>
  inTransaction(db, async (trx) => {
    await revokeKeys(trx, project, at)
    await noteDemoProblem(trx, project, problem ?? null)
  })

async function revokeKeys(trx: Db, project: string, at: Date): Promise<void> {
  const revoked = await all(
    trx,
    sql<{ id: string }>`UPDATE api_keys k SET revoked_at = ${at} WHERE ${ownKeys(project)} RETURNING id`,
  )
  await recordAudit(
    trx,
    revoked.map(({ id }) => ({ actor: 'operator', action: 'key.revoke', subject: `key ${id}`, project })),
    at,
  )
}

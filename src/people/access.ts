/** Turns the credentials of a call into a person, and holds the call against what its endpoint declares. */
import { os } from '@orpc/server'
import { sql } from 'kysely'
import type { CallContext, Caller } from '../platform/context.ts'
import type { Action, EndpointMeta } from '../platform/contract.ts'
import { fail } from '../platform/errors.ts'
import { sha256 } from '../platform/ids.ts'
import { all, type Db, first } from '../platform/sql.ts'
import { together } from '../platform/together.ts'
import { allowed, type Role } from './roles.ts'

/** What a handler sees besides the platform. `role` is there on endpoints of a project. */
export interface Authorised {
  caller: Caller
  role: Role | undefined
  skills: string[]
}

const nobody: Caller = {
  id: 'nobody',
  name: '',
  email: '',
  owner: false,
  simulatedAs: null,
  via: 'nobody',
  keyProject: null,
  keyActions: null,
}

interface Found {
  id: string
  name: string
  email: string
  organisation_role: 'owner' | 'member'
  simulated_as: string | null
  key_project: string | null
  key_actions: string[] | null
  role: Role | null
  skills: string[] | null
}

const callerOf = (row: Found, via: Caller['via']): Caller => ({
  id: row.id,
  name: row.name,
  email: row.email,
  owner: row.organisation_role === 'owner',
  simulatedAs: row.simulated_as,
  via,
  keyProject: row.key_project,
  keyActions: row.key_actions,
})

const person = sql`p.id, p.name, p.email, p.organisation_role, p.simulated_as, m.role, m.skills`
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const isProjectId = (value: unknown): value is string => typeof value === 'string' && uuid.test(value)

interface Asked<Credential> {
  by: Credential
  project: string | null
}
type Placed = Found & { place: number }

const inOrder = (asked: unknown[], rows: Placed[]): (Found | undefined)[] => {
  const found = new Map(rows.map((row) => [row.place, row]))
  return asked.map((_, i) => found.get(i + 1))
}
const projectsOf = (asked: Asked<unknown>[]) => asked.map(({ project }) => project)

/** Notes the use of a key once an hour: often enough to tell which are in use, seldom enough to cost nothing. */
const noteUse = (db: Db, keys: string[]) =>
  sql`UPDATE api_keys SET last_used_at = now() WHERE id = ANY(${keys}::uuid[])`.execute(db)

const ofKey = together(async (db, asked: Asked<Buffer>[]) => {
  const rows = await all(
    db,
    sql<Placed & { key: string; isStale: boolean }>`
      SELECT q.place, ${person}, k.project_id AS key_project, k.actions AS key_actions, k.id AS key,
        coalesce(k.last_used_at < now() - interval '1 hour', true) AS "isStale"
      FROM unnest(${asked.map(({ by }) => by)}::bytea[], ${projectsOf(asked)}::uuid[]) WITH ORDINALITY AS q(hash, project, place)
      JOIN api_keys k ON k.hash = q.hash AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())
      JOIN people p ON p.id = k.person_id AND p.disabled_at IS NULL
      LEFT JOIN memberships m ON m.person_id = p.id AND m.project_id = q.project`,
  )
  const stale = rows.filter(({ isStale }) => isStale).map(({ key }) => key)
  if (stale.length) await noteUse(db, stale)
  return inOrder(asked, rows)
})

const byKey = (db: Db, key: string, project: string | null) => ofKey(db, { by: sha256(key), project })

const ofId = together(async (db, asked: Asked<string>[]) =>
  inOrder(
    asked,
    await all(
      db,
      sql<Placed>`
        SELECT q.place, ${person}, NULL::uuid AS key_project, NULL::text[] AS key_actions
        FROM unnest(${asked.map(({ by }) => by)}::uuid[], ${projectsOf(asked)}::uuid[]) WITH ORDINALITY AS q(id, project, place)
        JOIN people p ON p.id = q.id AND p.disabled_at IS NULL
        LEFT JOIN memberships m ON m.person_id = p.id AND m.project_id = q.project`,
    ),
  ),
)

const byId = (db: Db, id: string, project: string | null) => ofId(db, { by: id, project })

/** Who calls, and with which role in the project. An API key wins over a cookie; a bad key is an error, not a visitor. */
async function identify(context: CallContext, project: string | null): Promise<Authorised> {
  const { db } = context.platform
  const header = context.headers.get('authorization')
  if (header) {
    const key = /^Bearer (\S+)$/i.exec(header)?.[1]
    const found = key && (await byKey(db, key, project))
    if (!found)
      fail('not_signed_in', 'This API key is not valid.', {
        hint: 'It may have expired or been revoked: make a new one.',
      })
    return { caller: callerOf(found, 'key'), role: found.role ?? undefined, skills: found.skills ?? [] }
  }
  const signedIn = await context.platform.personOf(context.headers)
  const found = signedIn && (await byId(db, signedIn, project))
  if (!found) return { caller: nobody, role: undefined, skills: [] }
  return { caller: callerOf(found, 'session'), role: found.role ?? undefined, skills: found.skills ?? [] }
}

const noProject = (): never =>
  fail('not_found', 'There is no such project, or it is not yours.', {
    where: 'project',
    hint: 'Ask its lead for an invitation.',
  })

/** The one place where authorisation is decided. Throws, or returns what the handler may know of the caller. */
export async function authorise(
  context: CallContext,
  access: EndpointMeta['access'],
  input: unknown,
): Promise<Authorised> {
  const inputs = input && typeof input === 'object' ? (input as Record<string, unknown>) : {}
  const params =
    inputs.params && typeof inputs.params === 'object' ? (inputs.params as Record<string, unknown>) : inputs
  const needsProject = !['public', 'person', 'owner'].includes(access)
  const project = needsProject && isProjectId(params.project) ? params.project : null
  if (access === 'public') return { caller: nobody, role: undefined, skills: [] }

  const who = await identify(context, project)
  const { caller } = who
  if (caller.via === 'nobody')
    fail('not_signed_in', 'Sign in first.', { hint: 'Or send an API key: Authorization: Bearer KEY.' })
  if (access === 'person') return who
  if (access === 'owner') {
    if (!caller.owner || caller.keyProject || caller.keyActions)
      fail('forbidden', 'Only an owner of the organisation may do this.')
    return who
  }
  if (!project || (caller.keyProject && caller.keyProject !== project)) return noProject()
  if (caller.owner && !who.role) {
    const exists = await first(context.platform.db, sql`SELECT 1 FROM projects WHERE id = ${project}`)
    if (!exists) return noProject()
  } else if (!who.role) return noProject()
  const role: Role = caller.owner ? 'lead' : who.role!
  requireAction(caller, role, access)
  return { ...who, role }
}

/** A key as a bearer's, or as the password of an address (https://key:KEY@host), which is all that some programs can be told. */
function keyOf(authorization: string): string | undefined {
  const [, form, given] = /^(Bearer|Basic) (\S+)$/i.exec(authorization) ?? []
  if (form?.toLowerCase() !== 'basic') return given
  return Buffer.from(given!, 'base64').toString().split(':').at(-1)
}

/**
 * The projects in which the holder of an API key may do something, for doors other than the API. A cookie opens none of
 * them: no page of another site can make a browser knock.
 */
export async function projectsAllowing(db: Db, headers: Headers, action: Action): Promise<string[]> {
  const key = keyOf(headers.get('authorization') ?? '')
  const found = key && (await byKey(db, key, null))
  if (!found)
    return fail('not_signed_in', 'This needs an API key that is valid.', {
      where: 'authorization',
      hint: 'Make one under Account and send it: Authorization: Bearer KEY.',
    })
  const { id, owner, keyProject, keyActions } = callerOf(found, 'key')
  if (keyActions && !keyActions.includes(action)) fail('forbidden', `This API key does not allow ${action}.`)
  const rows = await all(
    db,
    sql<{ id: string; role: Role }>`
      SELECT p.id, CASE WHEN ${owner} THEN 'lead' ELSE m.role END AS role
      FROM projects p LEFT JOIN memberships m ON m.project_id = p.id AND m.person_id = ${id}
      WHERE (${owner} OR m.role IS NOT NULL) AND ${keyProject ? sql`p.id = ${keyProject}` : sql`true`}`,
  )
  return rows.filter(({ role }) => allowed[role].has(action)).map((row) => row.id)
}

/** Throws unless the role allows the action and the key is not narrower. */
function requireAction(caller: Caller, role: Role | undefined, action: Action): void {
  if (!role || !allowed[role].has(action))
    fail('forbidden', `Your role in this project (${role ?? 'none'}) does not allow this (${action}).`)
  if (caller.keyActions && !caller.keyActions.includes(action))
    fail('forbidden', `This API key does not allow ${action}.`)
}

/** Stands before every handler: `implement(contract).$context<CallContext>().use(authorised)`. */
export const authorised = os.$context<CallContext>().middleware(async ({ context, next, procedure }, input) => {
  const { access } = procedure['~orpc'].meta as EndpointMeta
  const who = await authorise(context, access, input)
  const { method, path = '' } = procedure['~orpc'].route
  // A key narrowed to some actions must not widen itself: outside of projects it reads, and does the work it was made for.
  if (access === 'person' && who.caller.keyActions && method !== 'GET') {
    const isWork = /^\/(assignments|submissions)\//.test(path)
    if (!isWork || !who.caller.keyActions.includes('annotate'))
      fail('forbidden', 'This API key is narrowed to other actions.')
  }
  return next({ context: who })
})

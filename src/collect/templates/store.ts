/** SQL of templates and routes. */
import { sql } from 'kysely'
import { newId } from '../../platform/ids.ts'
import { all, type Db, first, json, one } from '../../platform/sql.ts'
import type { Template } from './contract.ts'
import { checkSteps, compareSteps, type Step } from './rules.ts'

/** Versions never change, so each is read once a process. */
const known = new Map<string, Template>()

export async function loadTemplate(db: Db, id: string, version: number): Promise<Template> {
  const at = `${id} ${version}`
  const cached = known.get(at)
  if (cached) return cached
  const template = await one(
    db,
    sql<Template>`SELECT id, version, name, steps FROM templates WHERE id = ${id} AND version = ${version}`,
  )
  if (known.size > 1000) known.clear()
  known.set(at, template)
  return template
}

/** Newest version of each template of a project. */
export const listTemplates = (db: Db, project: string): Promise<Template[]> =>
  all(
    db,
    sql<Template>`
      SELECT DISTINCT ON (id) id, version, name, steps FROM templates WHERE project_id = ${project} ORDER BY id, version DESC`,
  )

/** What the steps of all templates set, every version, oldest first. */
export const settingsOf = (db: Db, project: string): Promise<Pick<Step, 'kind' | 'settings'>[]> =>
  all(
    db,
    sql<Pick<Step, 'kind' | 'settings'>>`
      SELECT s.step->>'kind' AS kind, s.step->'settings' AS settings
      FROM templates t CROSS JOIN LATERAL jsonb_array_elements(t.steps) WITH ORDINALITY AS s(step, place)
      WHERE t.project_id = ${project} ORDER BY t.id, t.version, s.place`,
  )

/** Stores a new template, or the next version of one. */
export async function saveTemplate(
  trx: Db,
  project: string,
  name: string,
  steps: Step[],
  id = newId(),
): Promise<Template> {
  const checked = checkSteps(steps)
  const { version } = await one(
    trx,
    sql<{ version: number }>`
      INSERT INTO templates (id, version, project_id, name, steps)
      SELECT ${id}, coalesce(max(version), 0) + 1, ${project}, ${name}, ${json(checked)} FROM templates WHERE id = ${id}
      RETURNING version`,
  )
  return { id, version, name, steps: checked }
}

/** What a comparison asks is the template of this name. */
export const compareName = 'Compare'

/** Two changes at once must not make two: the project's row is the lock. */
export const lockTemplates = (trx: Db, project: string) =>
  sql`SELECT 1 FROM projects WHERE id = ${project} FOR NO KEY UPDATE`.execute(trx)

/** The newest version of the template of comparisons, made when it is first needed. */
export async function compareTemplate(trx: Db, project: string): Promise<Template> {
  await lockTemplates(trx, project)
  const found = await first(
    trx,
    sql<Template>`
      SELECT id, version, name, steps FROM templates WHERE project_id = ${project} AND name = ${compareName}
      ORDER BY version DESC LIMIT 1`,
  )
  return found ?? saveTemplate(trx, project, compareName, compareSteps)
}

/** The route with exactly these requirements, made when it is first needed. */
export async function routeFor(
  trx: Db,
  project: string,
  requirements: { role?: 'annotator' | 'reviewer'; skills?: string[] } = {},
): Promise<number> {
  const role = requirements.role ?? 'annotator'
  const skills = [...new Set(requirements.skills ?? [])].sort()
  const { id } = await one(
    trx,
    sql<{ id: number }>`
      INSERT INTO routes (project_id, role, skills) VALUES (${project}, ${role}, ${skills}::text[])
      ON CONFLICT (project_id, role, skills) DO UPDATE SET role = EXCLUDED.role RETURNING id`,
  )
  return id
}

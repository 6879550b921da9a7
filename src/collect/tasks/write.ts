/** Writes tasks with their place in the queue. */
import { sql } from 'kysely'
import { copyRows } from '../../platform/copy.ts'
import { newId } from '../../platform/ids.ts'
import { all, type Db } from '../../platform/sql.ts'
import { enqueue } from './queue.ts'

/** What a set of tasks has in common. */
export interface TaskPlan {
  template: { id: string; version: number }
  route: number
  overlap: number
  purpose: 'label' | 'gold' | 'calibration' | 'evaluation' | 're-annotation'
  priority?: number
}

export interface NewTask {
  prompt: string
  targets: string[]
  /** Equal sources are one task. */
  source: Buffer
}

/** Writes tasks that are not there yet and puts them into the queue; returns those that it wrote. */
export async function writeTasks(
  trx: Db,
  project: string,
  tasks: NewTask[],
  { template, route, overlap, purpose, priority = 0 }: TaskPlan,
): Promise<{ id: string; source: Buffer }[]> {
  const made = tasks.map((task) => ({ ...task, id: newId() }))
  const rows = await all(
    trx,
    sql<{ id: string; source: Buffer }>`
      INSERT INTO tasks (id, project_id, template_id, template_version, purpose, route, prompt_id, targets, overlap, source_hash)
      SELECT id, ${project}::uuid, ${template.id}::uuid, ${template.version}::int, ${purpose}, ${route}::int, prompt,
        targets::uuid[], ${overlap}::smallint, source
      FROM unnest(${made.map((t) => t.id)}::uuid[], ${made.map((t) => t.prompt)}::uuid[],
        ${made.map((t) => `{${t.targets}}`)}::text[], ${made.map((t) => t.source)}::bytea[]) AS t(id, prompt, targets, source)
      ON CONFLICT (project_id, source_hash) WHERE source_hash IS NOT NULL DO NOTHING RETURNING id, source_hash AS source`,
  )
  await enqueue(
    trx,
    rows.map(({ id }) => ({ task: id, project, route, priority, overlap })),
  )
  return rows
}

/** Writes tasks of prompts that the caller's transaction has made: none can be there yet. Returns those that it wrote. */
export async function writeFirstTasks(
  trx: Db,
  project: string,
  tasks: NewTask[],
  { template, route, overlap, purpose, priority = 0 }: TaskPlan,
): Promise<{ id: string; source: Buffer }[]> {
  const bySource = new Map(tasks.map((task) => [task.source.toString('hex'), task]))
  const made = [...bySource].map(([source, task]) => ({ ...task, id: newId(), hash: `\\x${source}` }))
  const common = [project, template.id, template.version, purpose, route, overlap]
  await copyRows(
    trx,
    'tasks',
    [
      ...['project_id', 'template_id', 'template_version', 'purpose', 'route', 'overlap'],
      ...['id', 'prompt_id', 'targets', 'source_hash'],
    ],
    made,
    ({ id, prompt, targets, hash }) => [...common, id, prompt, `{${targets}}`, hash],
  )
  await enqueue(
    trx,
    made.map(({ id }) => ({ task: id, project, route, priority, overlap })),
  )
  return made
}

/**
 * Where a model comes from: its run, the snapshot that the run learned from, the checkpoints that it started from and was
 * scored by, their runs in turn, down to single annotations and the versions of the guideline that they were made under.
 */
import { type RawBuilder, sql } from 'kysely'
import { all, type Db, one } from '../../platform/sql.ts'

interface Lineage {
  /** Its id. */
  model: string
  name: string
  runs: string[]
  snapshots: string[]
  rounds: string[]
  guidelineVersions: number[]
  /** By their ids, with how many of the annotations are theirs; imports have none. */
  people: { person: string; annotations: number }[]
  /** Every annotation that a model of the line has learned from. */
  annotations: string[]
}

/** Checkpoints of the line, the model itself among them; `UNION` ends where nothing new is found. */
const line = (project: string, checkpoint: string) => sql`
  line AS (
    SELECT id, run_id, base_id FROM checkpoints WHERE id = ${checkpoint} AND project_id = ${project}
    UNION
    SELECT p.id, p.run_id, p.base_id FROM line LEFT JOIN runs r ON r.id = line.run_id
    JOIN checkpoints p ON p.id IN (line.base_id, r.base_id, r.reward_id))`

const runsOf = sql`SELECT r.* FROM line JOIN runs r ON r.id = line.run_id`

/**
 * Annotations in snapshots of the line, held-out rows too, and those that the reward which learns while people work had
 * heard of when it scored for one of its runs: also what was taken back since, for the model has learned from it.
 */
const learnedFrom = sql`
  SELECT DISTINCT unnest(s.annotations) AS id FROM snapshot_rows s WHERE s.snapshot_id IN (SELECT snapshot_id FROM own)
  UNION
  SELECT p.annotation_id FROM reward_pairs p
  WHERE p.project_id = (SELECT project_id FROM own LIMIT 1) AND p.seq <= (SELECT max(reward_seq) FROM own)`

/** A query that may use `line` (checkpoints) and `own` (their runs). */
export const withLine = <Row>(project: string, checkpoint: string, rest: RawBuilder<unknown>) =>
  sql<Row>`WITH RECURSIVE ${line(project, checkpoint)}, own AS MATERIALIZED (${runsOf}) ${rest}`

/** `checkpoint`: its id. One that the project does not have has no line. */
export async function lineageOf(db: Db, project: string, checkpoint: string): Promise<Lineage> {
  const ids = await one(
    db,
    withLine<Pick<Lineage, 'name' | 'runs' | 'snapshots' | 'rounds'>>(
      project,
      checkpoint,
      sql`
        SELECT (SELECT name FROM checkpoints WHERE id = ${checkpoint}) AS name, coalesce(array_agg(DISTINCT id), '{}') AS runs,
          coalesce(array_agg(DISTINCT snapshot_id), '{}') AS snapshots,
          coalesce(array_agg(DISTINCT round_id) FILTER (WHERE round_id IS NOT NULL), '{}') AS rounds
        FROM own`,
    ),
  )
  const annotations = await all(
    db,
    withLine<{ id: string; version: number | null; person: string | null }>(
      project,
      checkpoint,
      sql`
        SELECT l.id, a.guideline_version AS version, a.person_id AS person FROM (${learnedFrom}) l JOIN annotations a ON a.id = l.id ORDER BY l.id`,
    ),
  )
  const people = new Map<string, number>()
  for (const { person } of annotations) if (person) people.set(person, (people.get(person) ?? 0) + 1)
  const versions = new Set(annotations.flatMap(({ version }) => version ?? []))
  return {
    model: checkpoint,
    ...ids,
    guidelineVersions: [...versions].sort((a, b) => a - b),
    people: [...people].sort().map(([person, annotations]) => ({ person, annotations })),
    annotations: annotations.map(({ id }) => id),
  }
}

interface TracedAnnotation {
  id: string
  task: string | null
  /** A pseudonym is all that a person has here. */
  person: string | null
  simulated: boolean
  guidelineVersion: number | null
  at: Date
  /** The beginning of the prompt that it is about. */
  opening: string
}

/** Annotations of the line above `after`, in the order of their ids. */
export const tracedAnnotations = (
  db: Db,
  {
    project,
    checkpoint,
    after = null,
    limit,
  }: { project: string; checkpoint: string; after?: string | null; limit: number },
): Promise<TracedAnnotation[]> =>
  all(
    db,
    withLine<TracedAnnotation>(
      project,
      checkpoint,
      sql`
        SELECT a.id, a.task_id AS task, a.person_id AS person, p.simulated_as IS NOT NULL AS simulated,
          a.guideline_version AS "guidelineVersion", a.at, coalesce(q.opening, '') AS opening
        FROM (SELECT id FROM (${learnedFrom}) l WHERE ${after}::uuid IS NULL OR id > ${after}::uuid ORDER BY id LIMIT ${limit}) l
        JOIN annotations a ON a.id = l.id LEFT JOIN people p ON p.id = a.person_id
        LEFT JOIN tasks t ON t.id = a.task_id LEFT JOIN prompts q ON q.id = t.prompt_id ORDER BY a.id`,
    ),
  )

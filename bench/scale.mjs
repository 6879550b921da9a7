// How claims and lists behave as a project grows: claims at 1M tasks against 10k in one run, the first page of a list at 50k
// and at 1M tasks, each filter of the list at 100k (what many match, few, and none), and a claim by somebody who has answered
// 20,000 of the million.
//   node bench/scale.mjs [--tasks 1000000] [--claims 2000]
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { sql } from 'kysely'
import { countTasks, listTasks } from '../dist/server/collect/tasks/list.js'
import { claim } from '../dist/server/collect/tasks/queue.js'
import { compareTemplate, routeFor } from '../dist/server/collect/templates/store.js'
import { openDatabase } from '../dist/server/platform/database/connect.js'
import { migrate } from '../dist/server/platform/database/migrate.js'
import { dbOver } from '../dist/server/platform/db.js'
import { newId } from '../dist/server/platform/ids.js'
import { addProject } from '../dist/server/projects/store.js'

const { values } = parseArgs({
  options: { tasks: { type: 'string', default: '1000000' }, claims: { type: 'string', default: '2000' } },
})
const dir = mkdtempSync(join(tmpdir(), 'plumbline-scale-'))
const database = await openDatabase({ dataDir: dir, role: 'command' })
await migrate(database.pool)
const db = dbOver(database.pool)

async function projectWith(tasks) {
  const project = await addProject(db, { name: `${tasks} tasks` }, undefined)
  const template = await compareTemplate(db, project)
  const route = await routeFor(db, project)
  for (let from = 0; from < tasks; from += 100_000) {
    const n = Math.min(100_000, tasks - from)
    await sql`
      WITH made AS MATERIALIZED (SELECT gen_random_uuid() AS id, gen_random_uuid() AS prompt, gen_random_uuid() AS message, g FROM generate_series(1, ${n}::int) g),
      p AS (
        INSERT INTO prompts (id, project_id, message_id, hash, opening)
        SELECT prompt, ${project}, message, decode(md5(prompt::text), 'hex'), 'What is ' || g || ' plus one?' FROM made),
      t AS (
        INSERT INTO tasks (id, project_id, template_id, template_version, purpose, route, prompt_id, targets, overlap)
        SELECT id, ${project}, ${template.id}, 1, 'label', ${route}, prompt, ARRAY[gen_random_uuid(), gen_random_uuid()], 1 FROM made)
      INSERT INTO queue (task_id, project_id, route, remaining) SELECT id, ${project}, ${route}, 1 FROM made`.execute(
      db,
    )
  }
  return project
}

const percentile = (times, p) => [...times].sort((a, b) => a - b)[Math.floor(times.length * p)]
const timed = async (act) => {
  const at = performance.now()
  await act()
  return performance.now() - at
}

const small = await projectWith(10_000)
const middle = await projectWith(50_000)
const large = await projectWith(Number(values.tasks))
await sql`VACUUM ANALYZE`.execute(db)

const person = newId()
const times = { small: [], large: [] }
for (let i = 0; i < Number(values.claims); i++)
  for (const [name, project] of [
    ['small', small],
    ['large', large],
  ]) {
    times[name].push(await timed(() => claim(db, { person, project, role: 'annotator', skills: [] }, new Date())))
  }
for (const name of ['small', 'large'])
  console.log(
    `claim, ${name}: median ${percentile(times[name], 0.5).toFixed(2)} ms, p99 ${percentile(times[name], 0.99).toFixed(2)} ms`,
  )
console.log(`p99 ratio ${(percentile(times.large, 0.99) / percentile(times.small, 0.99)).toFixed(2)}, goal 1.5 at most`)

for (const [name, project] of [
  ['50k', middle],
  [values.tasks, large],
]) {
  const lists = []
  for (let i = 0; i < 50; i++) lists.push(await timed(() => listTasks(db, { project, limit: 50 })))
  console.log(`first page of ${name} tasks: p95 ${percentile(lists, 0.95).toFixed(1)} ms`)
}

const filtered = await projectWith(100_000)
const [often, seldom] = [newId(), newId()]
const had = (person, state, tasks, more = sql`NULL`) =>
  sql`
  INSERT INTO assignments (id, task_id, person_id, project_id, state, lease_until, presentation, claimed_at, skip_reason)
  SELECT gen_random_uuid(), id, ${person}, ${filtered}, ${state}, now(), '{"seed": 1}', now(), ${more} FROM (
    SELECT id FROM tasks WHERE project_id = ${filtered} ORDER BY id LIMIT ${tasks}) t`.execute(db)
await had(often, 1, 20_000)
await had(seldom, 1, 3)
for (let i = 0; i < 3; i++) await had(newId(), 1, 70_000)
await had(newId(), 3, 500, sql`'not my language'`)
await sql`
  UPDATE queue SET state = 2, remaining = 0, answered = 1 WHERE task_id IN (
    SELECT task_id FROM assignments WHERE person_id = ${often})`.execute(db)
await sql`
  INSERT INTO flags (id, project_id, task_id, assignment_id, reason, at)
  SELECT gen_random_uuid(), project_id, task_id, id, 'broken', now() FROM assignments WHERE person_id = ${seldom}`.execute(
  db,
)
await sql`VACUUM ANALYZE`.execute(db)
const filters = [
  {},
  ...['open', 'answered', 'withdrawn'].map((state) => ({ state: [state] })),
  { state: ['answered', 'withdrawn'] },
  ...['label', 'gold'].map((purpose) => ({ purpose: [purpose] })),
  ...[often, seldom, newId()].map((person) => ({ person: [person] })),
  ...['flagged', 'skipped'].map((reported) => ({ reported: [reported] })),
  ...['plus', '4711', 'zebra'].map((search) => ({ search })),
  { search: 'plus', state: ['answered'], person: [often] },
  { search: 'zebra', person: [often], reported: ['skipped'] },
]
for (const filter of filters) {
  const [pages, counts] = [[], []]
  let rows = 0
  for (let i = 0; i < 40; i++) {
    pages.push(
      await timed(async () => (rows = (await listTasks(db, { project: filtered, limit: 50, ...filter })).rows.length)),
    )
    counts.push(await timed(() => countTasks(db, { project: filtered, ...filter })))
  }
  const said = JSON.stringify(filter).replaceAll(often, 'often').replaceAll(seldom, 'seldom')
  console.log(
    `100k tasks, ${said}: ${rows} rows, median ${percentile(pages, 0.5).toFixed(1)} ms, p95 ${percentile(pages, 0.95).toFixed(1)} ms; count, median ${percentile(counts, 0.5).toFixed(1)} ms`,
  )
}

const busy = newId()
await sql`
  INSERT INTO assignments (id, task_id, person_id, project_id, state, lease_until, presentation, claimed_at)
  SELECT gen_random_uuid(), task_id, ${busy}, ${large}, 1, now(), '{"seed": 1}', now() FROM queue
  WHERE project_id = ${large} AND state = 0 ORDER BY position LIMIT 20000`.execute(db)
const first = await timed(() => claim(db, { person: busy, project: large, role: 'annotator', skills: [] }, new Date()))
const later = []
for (let i = 0; i < 200; i++)
  later.push(await timed(() => claim(db, { person: busy, project: large, role: 'annotator', skills: [] }, new Date())))
console.log(
  `somebody with 20,000 answers: first claim ${first.toFixed(1)} ms, then median ${percentile(later, 0.5).toFixed(2)} ms`,
)

await database.close()
rmSync(dir, { recursive: true, force: true })

// Datasets at a million rows: taking one, taking it again, comparing the two, writing it as a file; with memory, and what it
// does to the event loop. Prompts are HH openings in other words each, responses HH answers.
//   npm run build && node --expose-gc bench/snapshot.mjs [--rows 1000000]
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { sql } from 'kysely'
import { compareSnapshots } from '../dist/server/learn/datasets/diff.js'
import { openDataset } from '../dist/server/learn/datasets/export.js'
import { previewOf } from '../dist/server/learn/datasets/preview.js'
import { filtersOf } from '../dist/server/learn/datasets/rules.js'
import { takeSnapshot } from '../dist/server/learn/datasets/store.js'
import { openDatabase } from '../dist/server/platform/database/connect.js'
import { migrate } from '../dist/server/platform/database/migrate.js'
import { dbOver } from '../dist/server/platform/db.js'
import { addProject } from '../dist/server/projects/store.js'

const { values } = parseArgs({ options: { rows: { type: 'string', default: '1000000' } } })
const rows = Number(values.rows)
/** Two pairs a prompt; every fourth pair is judged twice. */
const prompts = Math.ceil(rows / 2)
const file = new URL('../../shared/data/hh-rlhf/harmless-base.first1800.jsonl.gz', import.meta.url)
const transcripts = gunzipSync(readFileSync(file))
  .toString('utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line))
const clean = (text) => text.replaceAll('\\', '/')
const answers = transcripts.flatMap(({ chosen, rejected }) =>
  [chosen, rejected].map((text) => clean(text.slice(text.lastIndexOf('\n\nAssistant:') + 13))),
)
const openings = transcripts.map(({ chosen }) => clean(chosen.slice(9, chosen.indexOf('\n\nAssistant:')).slice(0, 300)))

const data = mkdtempSync(join(tmpdir(), 'plumbline-snapshot-'))
const database = await openDatabase({ dataDir: data, role: 'command' })
await migrate(database.pool)
const db = dbOver(database.pool)
const project = await addProject(db, { name: 'Bench' }, undefined)
const people = (
  await sql`
    INSERT INTO people (id, name, email) SELECT gen_random_uuid(), 'P' || i, 'p' || i || '@example.test' FROM generate_series(1, 50) i
    RETURNING id`.execute(db)
).rows.map(({ id }) => id)

async function fill(db, from, to) {
  await sql`
    WITH texts AS (SELECT ${openings}::text[] AS openings, ${answers}::text[] AS answers, ${people}::uuid[] AS people),
    asked AS (
      INSERT INTO messages (id, project_id, role, text, hash, author)
      SELECT gen_random_uuid(), ${project}, 'user', openings[1 + i % cardinality(openings)] || ' ' || md5(i::text) || ' ' || md5((i * 7)::text)
        || ' ' || md5((i * 13)::text), sha256(i::text::bytea), 'import'
      FROM texts, generate_series(${from}::int, ${to}::int) i RETURNING id),
    prompt AS (
      INSERT INTO prompts (id, project_id, message_id, hash, opening)
      SELECT gen_random_uuid(), ${project}, id, sha256(id::text::bytea), 'Bench' FROM asked RETURNING id, message_id),
    answer AS (
      INSERT INTO messages (id, project_id, parent_id, role, text, hash, author)
      SELECT gen_random_uuid(), ${project}, message_id, 'assistant', answers[1 + floor(random() * cardinality(answers))::int] || ' ' || k,
        sha256(message_id::text::bytea), 'import'
      FROM prompt, texts, generate_series(1, 3) k RETURNING id, parent_id),
    three AS (SELECT parent_id, array_agg(id) AS ids FROM answer GROUP BY parent_id),
    task AS (
      INSERT INTO tasks (id, project_id, template_id, template_version, purpose, route, prompt_id, targets, overlap)
      SELECT gen_random_uuid(), ${project}, gen_random_uuid(), 1, 'label', 1, p.id, ARRAY[ids[1], ids[k]], 2
      FROM prompt p JOIN three t ON t.parent_id = p.message_id, generate_series(2, 3) k RETURNING id, targets),
    drawn AS (
      SELECT gen_random_uuid() AS assignment, gen_random_uuid() AS submission, id AS task, targets,
        people[1 + (floor(random() * 25)::int + vote * 25) % 50] AS person,
        CASE WHEN random() < 0.6 THEN -1 ELSE 1 END * (1 + floor(random() * 3)::int) AS strength
      FROM task, texts, generate_series(1, 2) vote WHERE vote = 1 OR get_byte(uuid_send(task.id), 15) < 64),
    held AS (
      INSERT INTO assignments (id, task_id, person_id, project_id, state, lease_until, presentation, claimed_at)
      SELECT assignment, task, person, ${project}, 1, now(), '{}', now() FROM drawn RETURNING id),
    sent AS (
      INSERT INTO submissions (id, assignment_id, idempotency_key, active_ms, sent_at)
      SELECT submission, assignment, 'k', 1000, now() FROM drawn RETURNING id)
    INSERT INTO annotations (id, project_id, submission_id, assignment_id, task_id, person_id, source, step, kind, kind_version, targets, payload, at)
    SELECT gen_random_uuid(), ${project}, submission, assignment, task, person, 'person', 'compare', 'compare', 1, targets,
      jsonb_build_object('strength', strength), now()
    FROM drawn`.execute(db)
}
const pageSize = 20_000
const filling = performance.now()
// Foreign keys hold by construction; looking each one up would take most of the time.
await db.connection().execute(async (own) => {
  await sql`SET session_replication_role = replica`.execute(own)
  for (let from = 1; from <= prompts; from += pageSize) await fill(own, from, Math.min(prompts, from + pageSize - 1))
  await sql`RESET session_replication_role`.execute(own)
})
await sql`VACUUM ANALYZE`.execute(db)
console.log(`filled in ${Math.round((performance.now() - filling) / 1000)} s`)

const now = () => new Date()
const statOf = (pid) =>
  readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
/** Processor time of all connections of the pool: on a busy machine the fairer figure. */
async function databaseSeconds() {
  const backends = (await sql`SELECT pid FROM pg_stat_activity`.execute(db)).rows
  const ticks = backends.map(({ pid }) => {
    try {
      return Number(statOf(pid)[11]) + Number(statOf(pid)[12])
    } catch {
      return 0 // It has ended meanwhile.
    }
  })
  return ticks.reduce((sum, n) => sum + n, 0) / 100
}
async function timed(name, act) {
  globalThis.gc?.()
  const before = process.memoryUsage().rss
  let most = before
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss)
  }, 50)
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const [from, used, theirs] = [performance.now(), process.cpuUsage(), await databaseSeconds()]
  const result = await act()
  const seconds = (performance.now() - from) / 1000
  delay.disable()
  const { user, system } = process.cpuUsage(used)
  const work = `${((user + system) / 1e6).toFixed(1)} s ours, ${((await databaseSeconds()) - theirs).toFixed(1)} s PostgreSQL's`
  clearInterval(watch)
  const ms = (value) => (value / 1e6).toFixed(1)
  const mb = (value) => Math.round(value / 1e6)
  console.log(
    `${name}: ${seconds.toFixed(1)} s (processor: ${work}); memory ${mb(before)} MB before, ${mb(most)} MB at most; event loop p99 ${ms(delay.percentile(99))} ms, at most ${ms(delay.max)} ms`,
  )
  return result
}

console.log(`${rows} pairs of ${prompts} prompts`)
const take = (filters) =>
  takeSnapshot(db, { project, kind: 'preference', filters, actor: 'operator' }, now(), { progress })
let last = performance.now()
let step = ''
/** What each part of the work took, by its first note. */
function progress(done, note) {
  const name = done ? 'Writing rows' : note
  if (name !== step) {
    if (step) console.log(`  ${step}: ${((performance.now() - last) / 1000).toFixed(1)} s`)
    ;[step, last] = [name, performance.now()]
  }
}
await timed('counting before', () => previewOf(db, project, 'preference', filtersOf('preference', {})))
const first = await timed('the first snapshot', () => take({}))
step = ''
const second = await timed('another, prompts known', () => take({ minVotes: 2 }))
console.log(`  rows: ${first.counts.rows}, ${second.counts.rows}; groups ${JSON.stringify(first.counts.alike)}`)
await timed('their difference', () => compareSnapshots(db, first, second))
await timed('written as TRL preference', async () => {
  let bytes = 0
  for await (const chunk of openDataset(db, first, { format: 'trl-preference' }).bytes) bytes += chunk.length
  console.log(`  ${Math.round(bytes / 1e6)} MB`)
})
await database.close()
rmSync(data, { recursive: true, force: true })

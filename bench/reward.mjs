// The reward at 100,000 annotations over HH texts: learning from the log, one answer at a time, undoing, starting cold,
// rebuilding, reading; and what all this does to the event loop.
//   npm run build && node bench/reward.mjs [--annotations 100000]
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { sql } from 'kysely'
import { countsOf, newestPredictions, stretchesOf } from '../dist/server/learn/reward/read.js'
import { teach } from '../dist/server/learn/reward/rules.js'
import { learnerOf, rebuildReward, rewardFollower } from '../dist/server/learn/reward/store.js'
import { openDatabase } from '../dist/server/platform/database/connect.js'
import { migrate } from '../dist/server/platform/database/migrate.js'
import { dbOver } from '../dist/server/platform/db.js'
import { catchUp, follow } from '../dist/server/platform/events.js'
import { addProject } from '../dist/server/projects/store.js'

const { values } = parseArgs({ options: { annotations: { type: 'string', default: '100000' } } })
const count = Number(values.annotations)
const file = new URL('../../shared/data/hh-rlhf/harmless-base.first1800.jsonl.gz', import.meta.url)
const answerOf = (transcript) => transcript.slice(transcript.lastIndexOf('\n\nAssistant:') + 13)
const texts = gunzipSync(readFileSync(file))
  .toString('utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line))
  .flatMap(({ chosen, rejected }) => [answerOf(chosen), answerOf(rejected)])

const data = mkdtempSync(join(tmpdir(), 'plumbline-reward-'))
const database = await openDatabase({ dataDir: data, role: 'command' })
await migrate(database.pool)
const db = dbOver(database.pool)
const project = await addProject(db, { name: 'Bench' }, undefined)
await sql`
  INSERT INTO messages (id, project_id, role, text, hash, author)
  SELECT gen_random_uuid(), ${project}, 'assistant', text, sha256(text::bytea), 'import' FROM unnest(${texts.map((text) => text.replaceAll('\\', '/'))}::text[]) text`.execute(
  db,
)
await sql`
  INSERT INTO prompts (id, project_id, message_id, hash, opening)
  SELECT gen_random_uuid(), ${project}, gen_random_uuid(), '\\x00', 'Bench'`.execute(db)

/** `n` tasks of two texts drawn by lot, judged twice each by a coin that leans to the first; returns the submissions. */
async function judged(n) {
  const { rows } = await sql`
    WITH texts AS (SELECT array_agg(id) AS ids FROM messages WHERE project_id = ${project}),
    made AS (
      INSERT INTO tasks (id, project_id, template_id, template_version, purpose, route, prompt_id, targets, overlap)
      SELECT gen_random_uuid(), ${project}, gen_random_uuid(), 1, 'label', 1, (SELECT id FROM prompts LIMIT 1),
        ARRAY[ids[1 + (random() * 1799)::int + i * 0], ids[1801 + (random() * 1799)::int]], 2
      FROM texts, generate_series(1, ${Math.ceil(n / 2)}::int) i RETURNING id, targets),
    drawn AS (
      SELECT gen_random_uuid() AS assignment, gen_random_uuid() AS submission, id AS task, targets,
        (random() * 6)::int - 3 AS strength, (random() * 1)::int AS side
      FROM made, generate_series(1, 2) vote LIMIT ${n}),
    held AS (
      INSERT INTO assignments (id, task_id, person_id, project_id, state, lease_until, presentation, claimed_at)
      SELECT assignment, task, gen_random_uuid(), ${project}, 1, now(), '{}', now() FROM drawn RETURNING id),
    sent AS (
      INSERT INTO submissions (id, assignment_id, idempotency_key, active_ms, sent_at)
      SELECT submission, assignment, 'bench', 1, now() FROM drawn RETURNING id),
    said AS (
      INSERT INTO annotations (id, project_id, submission_id, assignment_id, task_id, person_id, source, step, kind,
        kind_version, targets, payload, shown, at)
      SELECT gen_random_uuid(), ${project}, submission, assignment, task, gen_random_uuid(), 'person', 'compare', 'compare', 1,
        targets, jsonb_build_object('strength', strength), jsonb_build_object('order', jsonb_build_array(side, 1 - side)), now()
      FROM drawn RETURNING id),
    told AS (
      INSERT INTO events (project_id, kind, subject, data)
      SELECT ${project}, 'annotation.committed', submission, jsonb_build_object('task', task) FROM drawn)
    SELECT submission, task FROM drawn`.execute(db)
  return rows
}

const timed = async (act) => {
  const begun = performance.now()
  await act()
  return performance.now() - begun
}
const at = (times, share) => times.sort((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * share))]
const show = (what, times) =>
  console.log(`${what}: p50 ${at(times, 0.5).toFixed(2)} ms, p99 ${at(times, 0.99).toFixed(2)} ms, n = ${times.length}`)
const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`

await judged(count)
await sql`ANALYZE`.execute(db)
const loop = monitorEventLoopDelay({ resolution: 1 })
loop.enable()
console.log(`${count} from the log, in batches of 500: ${seconds(await timed(() => catchUp(db, [rewardFollower])))}`)
console.log(
  `event loop meanwhile: p99 ${(loop.percentile(99) / 1e6).toFixed(1)} ms, most ${(loop.max / 1e6).toFixed(0)} ms`,
)

const { model } = await learnerOf(db, project)
const learner = { model, seq: 0, kept: 0, lefts: 0, rights: 0 }
const updates = []
const processor = []
for (let i = 0; i < 20_000; i++) {
  const lesson = {
    seq: i,
    firstText: texts[(i * 7919) % texts.length],
    secondText: texts[(i * 104_729 + 1) % texts.length],
    outcome: i % 2,
    firstOnLeft: true,
  }
  const [begun, used] = [performance.now(), process.cpuUsage()]
  teach(learner, lesson)
  updates.push(performance.now() - begun)
  const { user, system } = process.cpuUsage(used)
  processor.push((user + system) / 1000)
}
show('update of the model: features, prediction, step', updates)
show('the same in processor time, on a busy machine the fairer figure', processor)
// What the updates above taught belongs to nobody.
await rebuild()

async function rebuild() {
  loop.reset()
  console.log(`rebuild of ${count}: ${seconds(await timed(() => rebuildReward(db, project)))}`)
  console.log(
    `event loop meanwhile: p99 ${(loop.percentile(99) / 1e6).toFixed(1)} ms, most ${(loop.max / 1e6).toFixed(0)} ms`,
  )
}

const single = []
let newest = []
for (let i = 0; i < 500; i++) {
  newest = await judged(1)
  single.push(await timed(() => follow(db, rewardFollower)))
}
show('one answer, from its event to the commit of what was learned', single)

const undone = []
for (let i = 0; i < 20; i++) {
  const [{ submission, task }] = newest
  await sql`UPDATE submissions SET withdrawn_at = now() WHERE id = ${submission}`.execute(db)
  await sql`
    INSERT INTO events (project_id, kind, subject, data)
    VALUES (${project}, 'annotation.withdrawn', ${submission}, jsonb_build_object('task', ${task}::text))`.execute(db)
  undone.push(await timed(() => follow(db, rewardFollower)))
  newest = await judged(1)
  await follow(db, rewardFollower)
}
show('the newest answer undone', undone)

const cold = await import('../dist/server/learn/reward/store.js?cold')
console.log(
  `another process reads the model for the first time: ${(await timed(() => cold.learnerOf(db, project))).toFixed(0)} ms`,
)
const report = []
for (let i = 0; i < 10; i++)
  report.push(
    await timed(() =>
      Promise.all([countsOf(db, project), stretchesOf(db, project), newestPredictions(db, project, 5000)]),
    ),
  )
show('the page read once', report)
const { rows } = await sql`
  SELECT count(*) AS n, max(octet_length(model)) AS largest FROM reward_snapshots`.execute(db)
console.log(`snapshots: ${rows[0].n}, the largest ${(rows[0].largest / 1e6).toFixed(1)} MB`)
console.log(`memory: ${(process.memoryUsage.rss() / 1e6).toFixed(0)} MB resident`)
await database.close()
rmSync(data, { recursive: true, force: true })

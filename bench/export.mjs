// What an export takes: rows a second and peak memory of `./plumbline export`, for people's answers and for the preference
// pairs that follow from them, at ten thousand and at a million answers.
//   node bench/export.mjs [--answers 10000,1000000]
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { sql } from 'kysely'
import { compareTemplate, routeFor } from '../dist/server/collect/templates/store.js'
import { openDatabase } from '../dist/server/platform/database/connect.js'
import { migrate } from '../dist/server/platform/database/migrate.js'
import { dbOver } from '../dist/server/platform/db.js'
import { newId } from '../dist/server/platform/ids.js'
import { addProject } from '../dist/server/projects/store.js'
import { measured } from './command.mjs'

const { values } = parseArgs({ options: { answers: { type: 'string', default: '10000,1000000' } } })
const dir = mkdtempSync(join(tmpdir(), 'plumbline-export-'))
const database = await openDatabase({ dataDir: dir, role: 'command' })
await migrate(database.pool)
const db = dbOver(database.pool)
const person = newId()
await sql`INSERT INTO people (id, name, email) VALUES (${person}, 'Ada', 'ada@bench.test')`.execute(db)

/** A project in which one person has compared so many pairs of responses. */
async function projectWith(answers) {
  const project = await addProject(db, { name: `${answers} answers` }, undefined)
  const template = await compareTemplate(db, project)
  const route = await routeFor(db, project)
  for (let from = 0; from < answers; from += 50_000) {
    const n = Math.min(50_000, answers - from)
    await sql`
      WITH made AS MATERIALIZED (
        SELECT uuidv7() AS prompt, uuidv7() AS question, uuidv7() AS task, uuidv7() AS assignment,
          uuidv7() AS submission, ARRAY[uuidv7(), uuidv7()] AS answers, g + ${from}::int AS g
        FROM generate_series(1, ${n}::int) g),
      messages_ AS (
        INSERT INTO messages (id, project_id, parent_id, role, text, hash, author)
        SELECT question, ${project}::uuid, NULL::uuid, 'user', 'Question ' || g || ': how do I return order ' || g * 7 || '?', ''::bytea, 'import' FROM made
        UNION ALL SELECT answers[1], ${project}, question, 'assistant', 'Take the form, then post the parcel. ' || g, '', 'import' FROM made
        UNION ALL SELECT answers[2], ${project}, question, 'assistant', 'No idea ' || g || '.', '', 'import' FROM made),
      prompts_ AS (
        INSERT INTO prompts (id, project_id, message_id, hash, opening)
        SELECT prompt, ${project}, question, decode(md5(prompt::text), 'hex'), 'Question ' || g FROM made),
      tasks_ AS (
        INSERT INTO tasks (id, project_id, template_id, template_version, purpose, route, prompt_id, targets, overlap)
        SELECT task, ${project}, ${template.id}, 1, 'label', ${route}, prompt, answers, 1 FROM made),
      assignments_ AS (
        INSERT INTO assignments (id, task_id, person_id, project_id, state, lease_until, presentation, claimed_at)
        SELECT assignment, task, ${person}::uuid, ${project}, 1, now(), '{"seed": 1}', now() FROM made),
      submissions_ AS (
        INSERT INTO submissions (id, assignment_id, idempotency_key, active_ms, sent_at) SELECT submission, assignment, 'k', 900, now() FROM made)
      INSERT INTO annotations (id, project_id, submission_id, assignment_id, task_id, person_id, source, step, kind, kind_version,
        targets, payload, at, active_ms)
      SELECT uuidv7(), ${project}, submission, assignment, task, ${person}, 'person', 'compare', 'compare', 1, answers,
        jsonb_build_object('strength', g % 3 + 1), now(), 900 FROM made`.execute(db)
  }
  return project
}

for (const answers of values.answers.split(',').map(Number)) {
  const project = await projectWith(answers)
  await sql`VACUUM ANALYZE`.execute(db)
  for (const format of ['annotations', 'annotations-csv', 'trl-preference', 'hh']) {
    const out = join(dir, 'out')
    const args = ['export', '--project', project, '--format', format, '--out', out, '--data', dir]
    const { seconds, peak, said } = await measured(args)
    const { rows } = said
    console.log(
      `${answers} answers as ${format}: ${rows} rows in ${seconds.toFixed(1)} s, ${(rows / seconds).toFixed(0)} rows/s, ${(statSync(out).size / 1e6).toFixed(0)} MB, peak memory ${peak.toFixed(0)} MB`,
    )
    rmSync(out)
  }
}
await database.close()
rmSync(dir, { recursive: true, force: true })

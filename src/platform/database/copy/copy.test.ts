import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import type pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type TestDatabase, testDatabase } from '../../../../test/database.ts'
import { checkBackup, checkDatabase } from './check.ts'
import { backup, move, restore } from './copy.ts'
import { contentOf, tablesOf } from './dump.ts'

let source: TestDatabase
let folder: string
let file: string
beforeAll(async () => {
  source = await testDatabase({ max: 4 })
  await fill(source.pool)
  folder = mkdtempSync(join(tmpdir(), 'plumbline-copy-'))
  file = join(folder, 'whole.backup')
  await backup(source.pool, file)
})
afterAll(async () => {
  await source.close()
  rmSync(folder, { recursive: true })
})

let target: TestDatabase
beforeEach(async () => {
  target = await testDatabase({ max: 4, empty: true })
})
afterEach(() => target.close())

/** Texts that COPY's text format must escape, or that look like its own marks. */
const awkward = [
  '',
  '\\.',
  '\n\\.\n',
  '\\N',
  'tab\there',
  'back\\slash',
  'line\r\nline',
  '‮🜛 é é',
  '"quoted", {}',
  'x'.repeat(300_000),
]

async function fill(pool: pg.Pool): Promise<void> {
  const project = '00000000-0000-4000-8000-000000000001'
  await pool.query(
    `INSERT INTO projects (id, name, description, settings, hash_salt)
     VALUES ($1, 'Harmless', $2, $3, '\\x00ff0a5c2e0a')`,
    [project, awkward.join('|').slice(0, 1000), JSON.stringify({ share: 0.1, nested: [null, true, { a: 1e-300 }] })],
  )
  for (const text of awkward)
    await pool.query(
      `INSERT INTO messages (id, project_id, role, text, hash, author, origin)
       VALUES (gen_random_uuid(), $1, 'user', $2, decode(md5($2), 'hex'), 'import', jsonb_build_object('column', $2::text))`,
      [project, text],
    )
  await pool.query(
    `INSERT INTO messages (id, project_id, parent_id, role, text, hash, author, erased_at)
     SELECT gen_random_uuid(), project_id, id, 'assistant', NULL, hash, 'policy', '2026-02-28 23:59:59.999999+05:30' FROM messages`,
  )
  await pool.query(
    `INSERT INTO people (id, name, email) SELECT gen_random_uuid(), 'Person ' || i, i || '@example.org' FROM generate_series(1, 2000) i`,
  )
  await pool.query(
    `INSERT INTO memberships (project_id, person_id, role, skills)
     SELECT $1, id, 'annotator', ARRAY['it', '{"', NULL, ''] FROM people`,
    [project],
  )
  await pool.query(
    `INSERT INTO events (project_id, kind, data) SELECT $1, 'made', '{"n": 1}' FROM generate_series(1, 100)`,
    [project],
  )
}

const contents = async (pool: pg.Pool) => {
  const all = []
  for (const table of await tablesOf(pool)) if (table.table !== 'epochs') all.push(await contentOf(pool, table))
  return all
}
const rowsOf = async (pool: pg.Pool, table: string) =>
  (await pool.query(`SELECT * FROM ${table} ORDER BY id`)).rows as unknown[]
const isEmpty = async ({ pool }: TestDatabase) =>
  (await pool.query(`SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace`)).rowCount === 0

it('restores every row as it was, whatever is in it', async () => {
  const done = await restore(file, target.pool)
  expect(await contents(target.pool)).toEqual(await contents(source.pool))
  expect(await rowsOf(target.pool, 'messages')).toEqual(await rowsOf(source.pool, 'messages'))
  expect(await rowsOf(target.pool, 'projects')).toEqual(await rowsOf(source.pool, 'projects'))
  expect(done.rows).toBeGreaterThan(4_100)
  expect(await checkDatabase(target.pool)).toMatchObject({ ok: true, problems: [] })
})

it('goes on counting where the source stopped, in a new epoch of the event log, with every constraint in force', async () => {
  await restore(file, target.pool)
  const next = await target.pool.query(`INSERT INTO events (kind) VALUES ('next') RETURNING position, epoch`)
  expect(next.rows).toEqual([{ position: '101', epoch: 1 }])
  const constraints = `SELECT conrelid::regclass::text AS on, conname, pg_get_constraintdef(oid) AS def FROM pg_constraint
                       WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2`
  expect((await target.pool.query(constraints)).rows).toEqual((await source.pool.query(constraints)).rows)
  await expect(target.pool.query('DELETE FROM projects')).rejects.toMatchObject({ code: '23503' })
})

it('leaves out what somebody added by hand, and says so', async () => {
  const odd = await testDatabase({ max: 2 })
  await odd.pool.query('CREATE TABLE thesis AS SELECT generate_series(1, 5) AS chapter; CREATE SEQUENCE pages')
  await backup(odd.pool, join(folder, 'odd.backup'))
  await odd.close()
  expect(await restore(join(folder, 'odd.backup'), target.pool)).toMatchObject({ leftOut: ['thesis'] })
  expect(
    (await target.pool.query(`SELECT to_regclass('thesis') AS thesis, to_regclass('pages') AS pages`)).rows,
  ).toEqual([{ thesis: null, pages: null }])
})

it('moves straight into another database and leaves the old one as it was', async () => {
  const before = await contents(source.pool)
  await move(source.pool, target.pool)
  expect(await contents(target.pool)).toEqual(before)
  expect(await contents(source.pool)).toEqual(before)
})

it('refuses to move what people are working on', async () => {
  const server = await target.pool.connect()
  await restore(file, target.pool)
  await server.query(`SET application_name = 'plumbline serve'`)
  await expect(move(target.pool, source.pool)).rejects.toMatchObject({
    code: 'conflict',
    hint: expect.stringContaining('Stop'),
  })
  server.release(true)
})

it('saves one moment while others write', async () => {
  await restore(file, target.pool)
  let writing = true
  const writer = (async () => {
    // Each transaction adds one to both: a backup that saw half of one would have unequal counts.
    while (writing) {
      await target.pool.query(
        `WITH p AS (INSERT INTO people (id, name, email) VALUES (gen_random_uuid(), 'w', gen_random_uuid()::text) RETURNING id)
         INSERT INTO events (kind, subject) SELECT 'person', id FROM p`,
      )
    }
  })()
  const live = join(folder, 'live.backup')
  await backup(target.pool, live)
  writing = false
  await writer
  const copy = await testDatabase({ max: 2, empty: true })
  await restore(live, copy.pool)
  const { rows } = await copy.pool.query(
    `SELECT (SELECT count(*) FROM people WHERE name = 'w') = (SELECT count(*) FROM events WHERE kind = 'person') AS equal`,
  )
  expect(rows).toEqual([{ equal: true }])
  await copy.close()
})

describe('a target', () => {
  it('that is not empty is refused, and nothing in it changes', async () => {
    await target.pool.query('CREATE TABLE thesis AS SELECT 7 AS chapter')
    await expect(restore(file, target.pool)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('thesis'),
    })
    expect((await target.pool.query('SELECT * FROM thesis')).rows).toEqual([{ chapter: 7 }])
    await expect(restore(file, source.pool)).rejects.toMatchObject({ code: 'conflict' })
  })

  it('keeps nothing when the connection breaks in the middle', async () => {
    let isOver = false
    const restoring = restore(file, target.pool).finally(() => {
      isOver = true
    })
    // From its first write to its commit: a COPY alone may be over before anybody sees it.
    const killer = async () => {
      while (!isOver) {
        const { rowCount } = await source.pool.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE datname = $1 AND backend_type = 'client backend' AND backend_xid IS NOT NULL`,
          [new URL(target.url.replace('@/', '@h/')).pathname.slice(1)],
        )
        if (rowCount) return
      }
    }
    const [result] = await Promise.allSettled([restoring, killer()])
    expect(result.status).toBe('rejected')
    expect(await isEmpty(target)).toBe(true)
  })
})

describe('a backup file', () => {
  const altered = join(tmpdir(), `plumbline-altered-${process.pid}.backup`)
  afterEach(() => rmSync(altered, { force: true }))
  const refused = async (bytes: Buffer, why: RegExp, code = /^bad_input$/) => {
    writeFileSync(altered, bytes)
    await expect(restore(altered, target.pool)).rejects.toMatchObject({
      code: expect.stringMatching(code),
      message: expect.stringMatching(why),
    })
    expect(await isEmpty(target)).toBe(true)
  }
  /** A file whose digest is right, although `change` was at work. */
  const forged = (change: (text: string) => string): Buffer => {
    const text = gunzipSync(readFileSync(file)).toString('latin1')
    const body = change(text.slice(0, text.lastIndexOf('\n', text.length - 2) + 1))
    const sha256 = createHash('sha256').update(body, 'latin1').digest('hex')
    return gzipSync(Buffer.from(`${body}${JSON.stringify({ end: true, sha256 })}\n`, 'latin1'))
  }

  it('is readable by its owner alone and passes its own check', async () => {
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(await checkBackup(file)).toMatchObject({ ok: true, problems: [] })
  })

  it('is never written over', async () => {
    const before = readFileSync(file)
    await expect(backup(source.pool, file)).rejects.toMatchObject({ code: 'conflict', where: file })
    expect(readFileSync(file).equals(before)).toBe(true)
  })

  it('is not left half written when the database goes away', async () => {
    const gone = await testDatabase({ max: 2 })
    const half = join(folder, 'half.backup')
    // Caught at once: it may fail before the other query has come back.
    const saving = backup(gone.pool, half).catch(() => {})
    await source.pool.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [
      new URL(gone.url.replace('@/', '@h/')).pathname.slice(1),
    ])
    await saving
    expect(existsSync(`${half}.part`)).toBe(false)
    await gone.close()
  })

  it('that was cut off anywhere is refused', async () => {
    const bytes = readFileSync(file)
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: bytes.length - 1 }), (length) =>
        refused(bytes.subarray(0, length), /cut off|not a backup/),
      ),
      { numRuns: 8 },
    )
  })

  it('with a flipped bit anywhere is refused', async () => {
    const bytes = readFileSync(file)
    const plain = gunzipSync(bytes)
    const says = (copy: Buffer) => {
      try {
        return gunzipSync(copy)
      } catch {
        return undefined
      }
    }
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 10, max: bytes.length - 1 }), fc.integer({ min: 0, max: 7 }), (at, bit) => {
        const copy = Buffer.from(bytes)
        copy[at]! ^= 1 << bit
        // Bits that fill up the last byte of what is packed mean nothing.
        fc.pre(!says(copy)?.equals(plain))
        // What the file says of its migrations and tables is looked at before its digest is known.
        const asRead = /header|migration|tables are not|should have|are not those/
        const asWhole = /damaged|changed|cut off|not one of|does not end|goes on|loaded/
        return refused(copy, new RegExp(`${asRead.source}|${asWhole.source}`), /^(bad_input|unavailable)$/)
      }),
      { numRuns: 8 },
    )
  })

  it('with another row than was saved is refused, even where its digest was made to fit', async () => {
    await refused(
      forged((text) => text.replace('Person 77', 'Person 78')),
      /not those that were saved/,
    )
    await refused(
      forged((text) => text.replace(/\n[^\n]*Person 77\t[^\n]*/, '')),
      /should have 2000 rows but has 1999|point|violates/,
    )
    await refused(
      forged((text) => text.replace('"table":"people"', '"table":"pg_authid"')),
      /not those that its migrations make/,
    )
    writeFileSync(
      altered,
      forged((text) => text.replace(/("hash":")./, '$1z')),
    )
    await expect(restore(altered, target.pool)).rejects.toMatchObject({
      message: expect.stringContaining('A migration differs'),
    })
  })

  it('of something else, or of nothing, is refused with a reason', async () => {
    await refused(Buffer.from('id,text\n1,hello\n'), /not a backup/)
    await refused(gzipSync('{"format":"something else"}\n'), /not one of Plumbline/)
    await refused(Buffer.alloc(0), /cut off/)
    await expect(restore(join(folder, 'none'), target.pool)).rejects.toMatchObject({
      message: expect.stringContaining('there is none'),
    })
  })
})

it('finds rows that point to nothing, counters that are behind, and indexes that do not agree', async () => {
  await restore(file, target.pool)
  const { rows } = await target.pool.query(
    `SELECT conname FROM pg_constraint WHERE conrelid = 'memberships'::regclass AND confrelid = 'people'::regclass`,
  )
  await target.pool.query(`ALTER TABLE memberships DROP CONSTRAINT ${rows[0].conname}`)
  await target.pool.query(`DELETE FROM people WHERE name = 'Person 5'`)
  await target.pool.query(
    `ALTER TABLE memberships ADD CONSTRAINT ${rows[0].conname} FOREIGN KEY (person_id) REFERENCES people NOT VALID`,
  )
  await target.pool.query(`SELECT setval(pg_get_serial_sequence('events', 'position'), 3)`)
  const verdict = await checkDatabase(target.pool)
  expect(verdict.ok).toBe(false)
  expect(verdict.problems).toEqual([
    expect.stringMatching(/^1 rows of memberships point to nothing/),
    'The counter of events.position is behind its rows.',
  ])
})

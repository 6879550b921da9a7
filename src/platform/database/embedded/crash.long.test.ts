/** Jepsen's measure: what was acknowledged is stored, and what is stored was sent. Fifty deaths, sixteen writers. */
import { chmodSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { type DatabaseProcess, databaseProcesses } from '../../../../test/database-process.ts'
import { openDatabase } from '../connect.ts'

const deaths = 50
const writers = 16
const data = mkdtempSync(join(realpathSync(tmpdir()), 'plumbline-crash-'))
chmodSync(data, 0o755)
const processes = await databaseProcesses()
afterAll(() => {
  processes.close()
  rmSync(data, { recursive: true, force: true })
})

const serverPid = () => Number.parseInt(readFileSync(join(data, 'postgres/cluster/postmaster.pid'), 'utf8'), 10)
let sent = 0
const acknowledged = new Set<number>()

/** Keeps sixteen inserts under way until `enough` were acknowledged. */
async function write(one: DatabaseProcess, enough: number): Promise<void> {
  const send = () => one.child.stdin!.write(`INSERT INTO answers VALUES (${++sent}) RETURNING id\n`)
  for (let i = 0; i < writers; i++) send()
  for (let count = 0; count < enough; ) {
    const { rows } = await one.next()
    // A write that failed may or may not be stored: it is neither counted nor sent again.
    if (rows) {
      acknowledged.add(rows[0]!.id as number)
      count++
    }
    send()
  }
}

/** Reads what was answered before the end of the process. */
async function drain(one: DatabaseProcess): Promise<void> {
  try {
    for (;;) for (const row of (await one.next()).rows ?? []) acknowledged.add(row.id as number)
  } catch {
    // It has ended.
  }
}

it(`loses nothing that was acknowledged over ${deaths} deaths of process, server or both`, async () => {
  let one = await processes.start(data, 'serve')
  await one.query('CREATE TABLE answers (id int PRIMARY KEY)')
  for (let death = 0; death < deaths; death++) {
    await write(one, 10 + ((death * 37) % 60))
    const dies = (['server', 'process', 'both'] as const)[death % 3]!
    if (dies !== 'process') process.kill(serverPid(), 'SIGKILL')
    // The process starts its server again and goes on.
    if (dies === 'server') continue
    const ended = one.end('SIGKILL')
    await drain(one)
    await ended
    one = await processes.start(data, 'serve')
    expect(one.first).toEqual({ open: true })
  }
  expect(await one.end()).toBe(0)

  const { pool, close } = await openDatabase({ dataDir: data, url: '', role: 'command' })
  const { rows } = await pool.query<{ id: number }>('SELECT id FROM answers')
  await close()
  const stored = new Set(rows.map(({ id }) => id))
  expect([...acknowledged].filter((id) => !stored.has(id))).toEqual([])
  expect(rows.length).toBe(stored.size)
  expect(Math.max(...stored)).toBeLessThanOrEqual(sent)
  expect(acknowledged.size).toBeGreaterThan(deaths * 10)
})

/**
 * Who is there. Every process holds one connection to the maintenance database with a shared advisory lock; the last to
 * leave gets the exclusive one and stops the server. `serve` holds a second, exclusive lock. PostgreSQL gives the locks
 * of a killed process back by itself.
 */
import { statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { fail, isProblem } from '../../errors.ts'
import type { Place } from './place.ts'
import { stopServer } from './postmaster.ts'
import { plainly } from './reasons.ts'

export type Role = 'serve' | 'command'

/** Advisory lock keys, in the maintenance database alone: 'plum', then which. */
const presenceLock = '1886287213, 1'
const serveLock = '1886287213, 2'
/** A killed `serve` keeps its lock until the server has noticed, some milliseconds. */
const serveGraceMs = 1_000

/** What a process meets at the socket: nobody, a server that comes or goes, or a seat. */
type Knock = { answer: 'absent' } | { answer: 'wait' } | { answer: 'in'; seat: Seat }

export interface Seat {
  client: pg.Client
  /** Resolves when the connection has ended, for whatever reason. */
  ended: Promise<void>
}

const absentCodes = new Set(['ENOENT', 'ECONNREFUSED', 'ENOTSOCK'])
/** Starting or recovering, shutting down, crashed, full. */
const waitStates = new Set(['57P03', '57P01', '57P02', '53300'])

function answerTo(error: unknown, socketDir: string): Knock {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (absentCodes.has(code)) return { answer: 'absent' }
  // Without a word from the server the connection was cut or nobody answered: it comes or goes.
  const refused = error instanceof pg.DatabaseError && !waitStates.has(code)
  if (refused || code === 'EACCES' || code === 'EPERM') throw plainly(error, socketDir)
  return { answer: 'wait' }
}

/** Whether the server behind the socket is the one of this cluster, and not one whose lock file was copied here. */
async function servesOurs(client: pg.Client, { cluster }: Place): Promise<boolean> {
  const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory')
  const [ours, theirs] = [statSync(cluster), statSync(rows[0]!.data_directory, { throwIfNoEntry: false })]
  return ours.dev === theirs?.dev && ours.ino === theirs.ino
}

async function refuseSecondServe(client: pg.Client, { data }: Place): Promise<void> {
  const deadline = Date.now() + serveGraceMs
  for (;;) {
    const { rows } = await client.query<{ got: boolean }>(`SELECT pg_try_advisory_lock(${serveLock}) AS got`)
    if (rows[0]!.got) return
    if (Date.now() > deadline) break
    await sleep(50)
  }
  const { rows } = await client.query<{ name: string }>(
    `SELECT application_name AS name FROM pg_locks JOIN pg_stat_activity USING (pid)
     WHERE locktype = 'advisory' AND (classid, objid) = (${serveLock}) AND granted`,
  )
  fail(
    'conflict',
    `Another 'plumbline serve' already runs on this data folder${rows[0] ? ` (${rows[0].name})` : ''}.`,
    {
      where: data,
      hint: 'Use the one that runs, end it, or choose another folder with --data.',
    },
  )
}

async function ensureDatabase(client: pg.Client): Promise<void> {
  const { rowCount } = await client.query(`SELECT FROM pg_database WHERE datname = 'plumbline'`)
  if (rowCount) return
  try {
    await client.query('CREATE DATABASE plumbline')
  } catch (error) {
    // Two processes at once: one of them made it (42P04), perhaps in this very moment (23505).
    if (!['42P04', '23505'].includes((error as pg.DatabaseError).code ?? '')) throw error
  }
}

/** Tries to take a seat at the server that listens in `socketDir`. */
export async function knock(place: Place, socketDir: string, role: Role): Promise<Knock> {
  const client = new pg.Client({
    host: socketDir,
    user: 'plumbline',
    database: 'postgres',
    application_name: `${role}, pid ${process.pid}`,
    connectionTimeoutMillis: 5_000,
  })
  client.on('error', () => {})
  const ended = new Promise<void>((done) => client.once('end', done))
  try {
    await client.connect()
    if (!(await servesOurs(client, place))) {
      await client.end()
      return { answer: 'absent' }
    }
    // Waits while the last one to leave holds it; the connection is then cut, and we start the server again.
    await client.query(`SELECT pg_advisory_lock_shared(${presenceLock})`)
    if (role === 'serve') await refuseSecondServe(client, place)
    await ensureDatabase(client)
    return { answer: 'in', seat: { client, ended } }
  } catch (error) {
    if (isProblem(error)) {
      if (await leave(client)) await stopServer(place)
      throw error
    }
    client.end().catch(() => {})
    return answerTo(error, socketDir)
  }
}

/** Gives the seat back. True: nobody else is there; the connection holds the door until the caller has stopped the server. */
export async function leave(client: pg.Client): Promise<boolean> {
  try {
    await client.query(`SELECT pg_advisory_unlock_shared(${presenceLock})`)
    const { rows } = await client.query<{ got: boolean }>(`SELECT pg_try_advisory_lock(${presenceLock}) AS got`)
    if (rows[0]!.got) return true
  } catch {
    // The server is gone already.
  }
  client.end().catch(() => {})
  return false
}

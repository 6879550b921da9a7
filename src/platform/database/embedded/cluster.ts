/** The database cluster on disk: made once, whole or not at all, and checked against the programs that will open it. */
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { fail } from '../../errors.ts'
import type { Binaries } from './binaries.ts'
import type { Place } from './place.ts'
import { plainly, refusal } from './reasons.ts'

const execute = promisify(execFile)

/** One system call instead of one a file: a cold start and one after a crash take a quarter of the time on a busy disk. */
const isLinux = process.platform === 'linux'

/** Written into postgresql.conf, where an operator may change them. Errors of statements are ours to log: they quote data. */
const settings = {
  shared_buffers: '128MB',
  max_connections: '200',
  autovacuum_naptime: '15s',
  wal_compression: 'on',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_checkpoints: 'off',
  ...(isLinux ? { recovery_init_sync_method: 'syncfs' } : {}),
}

const arguments_ = [
  ...['--username=plumbline', '--auth=trust', '--encoding=UTF8', '--no-instructions'],
  ...['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
  ...(isLinux ? ['--sync-method=syncfs'] : []),
  ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
]

/** The environment of the server and of initdb: nothing of ours steers it (PGDATA, PGOPTIONS, LC_ALL). */
export const environment = { PATH: process.env.PATH, TZ: 'UTC', LC_ALL: 'C' }

const draftAgeMs = 10 * 60_000

/** Removes what an initdb that was killed left behind. */
function sweepDrafts(state: string): void {
  for (const name of readdirSync(state)) {
    const draft = join(state, name)
    if (name.startsWith('cluster.') && Date.now() - statSync(draft).mtimeMs > draftAgeMs)
      rmSync(draft, { recursive: true, force: true })
  }
}

async function initialise(place: Place, { initdb }: Binaries): Promise<void> {
  sweepDrafts(place.state)
  const draft = join(place.state, `cluster.${randomBytes(6).toString('hex')}`)
  try {
    await execute(initdb, [...arguments_, '-D', draft], { ...place.owner, cwd: '/', env: environment })
  } catch (error) {
    rmSync(draft, { recursive: true, force: true })
    const { stderr } = error as { stderr?: string }
    throw stderr ? refusal(stderr, place.state).problem : plainly(error, place.state)
  }
  try {
    renameSync(draft, place.cluster)
  } catch (error) {
    // Another process was quicker: its cluster counts.
    rmSync(draft, { recursive: true, force: true })
    if (!existsSync(join(place.cluster, 'PG_VERSION'))) throw plainly(error, place.state)
  }
  const folder = openSync(place.state, 'r')
  fsyncSync(folder)
  closeSync(folder)
}

/** Makes the cluster where there is none, and refuses one that another major version made. */
export async function ensureCluster(place: Place, binaries: Binaries): Promise<void> {
  const stamp = join(place.cluster, 'PG_VERSION')
  if (!existsSync(stamp)) {
    if (existsSync(place.cluster) && readdirSync(place.cluster).length > 0)
      fail('unavailable', 'The folder of the database holds no database, but it is not empty either.', {
        where: place.cluster,
        hint: 'Move it away, or restore the data folder from a backup.',
      })
    await initialise(place, binaries)
  }
  const major = Number.parseInt(readFileSync(stamp, 'utf8'), 10)
  if (major !== binaries.major)
    fail(
      'unavailable',
      `The database was made by PostgreSQL ${major}; this Plumbline brings PostgreSQL ${binaries.major}.`,
      {
        where: place.cluster,
        hint: `Write a backup with the Plumbline that made it (./plumbline db backup FILE), then restore it into a new data folder.`,
      },
    )
}

/** The server process: read its lock file, start it, stop it. Its pid alone is never trusted: pids are given out again. */
import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chownSync, closeSync, existsSync, openSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fail } from '../../errors.ts'
import type { Binaries } from './binaries.ts'
import { environment } from './cluster.ts'
import { makeSocketDir, type Place } from './place.ts'
import { plainly, type Refusal, refusal } from './reasons.ts'

/** What `postmaster.pid` says: it may be left over from a crash, or be copied along with its folder. */
interface Postmaster {
  pid: number
  /** Absent while it is only just starting. */
  socketDir?: string
  ready: boolean
}

const lockFile = ({ cluster }: Place): string => join(cluster, 'postmaster.pid')
const maxLogBytes = 10_000_000
const stopMs = 120_000

export function readPostmaster(place: Place): Postmaster | undefined {
  let lines: string[]
  try {
    lines = readFileSync(lockFile(place), 'utf8').split('\n')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw plainly(error, place.cluster)
  }
  const pid = Number.parseInt(lines[0] ?? '', 10)
  // The socket is written after the pid; an empty host would lead to another server on this machine.
  return pid > 0 ? { pid, socketDir: lines[4] || undefined, ready: lines[7]?.trim() === 'ready' } : undefined
}

function commandLine(pid: number): string {
  try {
    if (existsSync('/proc/self/cmdline')) return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
    return execFileSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' })
  } catch {
    return ''
  }
}

/** Whether the process `pid` is the server of this very cluster. An ended one that nobody reaped has no command line. */
export const isServer = (pid: number, { cluster }: Place): boolean => commandLine(pid).includes(` -D ${cluster} `)

/**
 * A crash leaves the lock file, and its pid may belong to somebody else by now, who makes the server refuse to start.
 * Moved away first and looked at again, for another process may have started a server in the meantime.
 */
export function dropStaleLock(place: Place, stale: Postmaster): void {
  const aside = `${lockFile(place)}.${randomBytes(6).toString('hex')}`
  try {
    renameSync(lockFile(place), aside)
    if (Number.parseInt(readFileSync(aside, 'utf8'), 10) === stale.pid) {
      rmSync(aside)
      rmSync(join(place.socketDir, '.s.PGSQL.5432.lock'), { force: true })
    } else renameSync(aside, lockFile(place))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw plainly(error, place.cluster)
  }
}

function openLog({ log, owner }: Place): number {
  if (existsSync(log) && statSync(log).size > maxLogBytes) renameSync(log, `${log}.1`)
  const file = openSync(log, 'a', 0o600)
  if (owner) chownSync(log, owner.uid, owner.gid)
  return file
}

/** The words of one server process; the log is shared with those before it. */
function wordsOf(pid: number | undefined, log: string, from: number): string {
  const lines = readFileSync(log).subarray(from).toString('utf8').split('\n')
  const own = lines.filter((line) => line.includes(`[${pid}]`))
  return (own.length ? own : lines).slice(-20).join('\n')
}

/**
 * Starts the server as a child of this process, in a session of its own so that Ctrl-C does not hit it first.
 * Resolves when it is ready, or with the reason why it ended before that. Recovery after a crash may take minutes.
 */
export async function startServer(place: Place, { postgres }: Binaries): Promise<Refusal | undefined> {
  let log: number
  try {
    makeSocketDir(place)
    log = openLog(place)
  } catch (error) {
    throw plainly(error, place.state)
  }
  const from = statSync(place.log).size
  const options = ['-c', 'listen_addresses=', '-c', 'unix_socket_permissions=0700', '-p', '5432']
  const child = spawn(postgres, ['-D', place.cluster, '-k', place.socketDir, ...options], {
    ...place.owner,
    cwd: '/',
    env: environment,
    detached: true,
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  let ended: Error | 'exit' | undefined
  child.once('error', (error) => (ended = error))
  child.once('exit', () => (ended = 'exit'))
  child.unref()
  while (!ended) {
    const found = readPostmaster(place)
    if (found?.pid === child.pid && found?.ready) return undefined
    await sleep(5)
  }
  if (ended !== 'exit') throw plainly(ended, postgres)
  return refusal(wordsOf(child.pid, place.log, from), place.log)
}

/** Whether a process with this pid runs (and is not merely unreaped). */
export function runs(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  return !existsSync('/proc/self/cmdline') || commandLine(pid) !== ''
}

/** Fast shutdown: open transactions are rolled back, everything committed is written. Resolves when the process is gone. */
export async function stopServer(place: Place): Promise<void> {
  const found = readPostmaster(place)
  if (!found || !isServer(found.pid, place)) return
  try {
    process.kill(found.pid, 'SIGINT')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw plainly(error, place.cluster)
  }
  const deadline = Date.now() + stopMs
  while (runs(found.pid)) {
    if (Date.now() > deadline)
      fail('unavailable', `The database server (pid ${found.pid}) does not end.`, {
        where: place.log,
        hint: 'It is still writing; its data is safe. Look at its log.',
      })
    await sleep(5)
  }
  if (place.socketDir !== join(place.state, 'run')) rmSync(place.socketDir, { recursive: true, force: true })
}

/** Brings a process to the embedded server of its data folder, keeps it there, and lets the last one turn off the light. */
import { rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { say } from '../../command.ts'
import { fail, isProblem } from '../../errors.ts'
import { type Binaries, binaries } from './binaries.ts'
import { ensureCluster } from './cluster.ts'
import { forsaken, locate, type Place } from './place.ts'
import { dropStaleLock, isServer, readPostmaster, startServer, stopServer } from './postmaster.ts'
import { knock, leave, type Role, type Seat } from './presence.ts'
import { leaveOnSignal } from './signals.ts'

/** How long a server that refuses or does not answer is asked again: right after a crash, or while another process starts it. */
const patienceMs = 20_000
/** A lock file whose process is no server of ours must stay so this long: a server that just ended or starts looks alike. */
const suspicionMs = 500
const longestPauseMs = 5_000

interface Stay {
  socketDir: string
  /** Gives the seat back; the last one of all processes stops the server. */
  leave(): Promise<void>
}

interface Joined extends Seat {
  socketDir: string
}

async function join(place: Place, programs: Binaries, role: Role, stopped = () => false): Promise<Joined> {
  let deadline = Date.now() + patienceMs
  let suspect: { pid: number; since: number } | undefined
  for (;;) {
    const found = readPostmaster(place)
    const socketDir = found?.socketDir
    const met = socketDir ? await knock(place, socketDir, role) : ({ answer: 'absent' } as const)
    if (met.answer === 'in') return { ...met.seat, socketDir: socketDir! }
    if (met.answer === 'wait') {
      // A server of ours that recovers or shuts down says so, and may take as long as it needs.
      if (isServer(found!.pid, place)) deadline = Date.now() + patienceMs
    } else {
      const refused = await startServer(place, programs)
      if (!refused) continue
      if (!refused.passing || Date.now() > deadline) throw refused.problem
      if (refused.locked && found && !isServer(found.pid, place)) {
        if (suspect?.pid !== found.pid) suspect = { pid: found.pid, since: Date.now() }
        else if (Date.now() > suspect.since + suspicionMs) dropStaleLock(place, found)
      }
    }
    if (stopped() || Date.now() > deadline)
      fail('unavailable', 'The database server does not answer.', { where: place.log, hint: 'Look at its log.' })
    await sleep(20)
  }
}

/** A data folder under /tmp that was simply deleted leaves its cluster behind, perhaps with a server: both go. */
async function sweepForsaken(): Promise<void> {
  for (const place of forsaken()) {
    const found = readPostmaster(place)
    const runs = found?.socketDir && isServer(found.pid, place)
    const met = runs ? await knock(place, found.socketDir!, 'command') : undefined
    if (met?.answer === 'wait' || (met?.answer === 'in' && !(await leave(met.seat.client)))) continue
    await stopServer(place)
    rmSync(place.state, { recursive: true, force: true })
  }
}

/**
 * Takes a seat at the server of `dataDir`, starting it where it does not run, and takes it again whenever it is lost.
 * `moved` hears of the socket then: a process with another runtime folder may have started the server.
 */
export async function stayAt(dataDir: string, role: Role, moved: (socketDir: string) => void): Promise<Stay> {
  const place = locate(dataDir)
  const programs = binaries(place.owner)
  // A favour to the disk; whatever keeps it from happening must not keep anybody out.
  if (!place.state.startsWith(place.data)) await sweepForsaken().catch(() => {})
  let leaving = false
  let joined: Joined | undefined

  async function takeSeat(): Promise<Joined> {
    const seat = await join(place, programs, role, () => leaving)
    seat.ended.then(() => {
      if (leaving) return
      say('plumbline: the database server went away; starting it again')
      underWay = takeSeatAgain()
    })
    return (joined = seat)
  }
  async function takeSeatAgain(): Promise<void> {
    for (let pause = 20; !leaving; pause = Math.min(pause * 2, longestPauseMs)) {
      try {
        moved((await takeSeat()).socketDir)
        say('plumbline: the database is back')
        return
      } catch (error) {
        if (leaving) return
        say(`plumbline: the database does not come back: ${isProblem(error) ? error.message : String(error)}`)
        await sleep(pause)
      }
    }
  }
  async function depart(): Promise<void> {
    stopListening()
    leaving = true
    await underWay.catch(() => {})
    if (joined && (await leave(joined.client))) {
      await stopServer(place)
      joined.client.end().catch(() => {})
    }
  }

  const stopListening = leaveOnSignal(depart)
  const first = ensureCluster(place, programs).then(takeSeat)
  let underWay: Promise<unknown> = first
  try {
    return { socketDir: (await first).socketDir, leave: depart }
  } catch (error) {
    stopListening()
    throw error
  }
}

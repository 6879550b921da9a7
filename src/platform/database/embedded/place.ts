/**
 * Where the cluster, its socket and its log lie, and as whom the server runs.
 *
 * Usually everything lies in DATA/postgres. PostgreSQL refuses to run as root, so root hands that folder to an unprivileged
 * uid; where that uid cannot enter DATA, the cluster lies in a state folder that it can, and DATA/postgres.json points there.
 */
import { createHash, randomBytes } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fail } from '../../errors.ts'
import { plainly } from './reasons.ts'

/** `nobody` on every common system; it needs no entry in /etc/passwd. */
const unprivileged = { uid: 65534, gid: 65534 }
/** `sun_path` holds 108 bytes on Linux and 104 on macOS. */
const socketPathLimit = 100

export interface Owner {
  uid: number
  gid: number
}

export interface Place {
  /** DATA, absolute and without symbolic links. */
  data: string
  /** Holds the cluster, the log and (unless its path is too long) the socket. */
  state: string
  cluster: string
  socketDir: string
  log: string
  /** As whom the server runs; undefined: as this process. */
  owner?: Owner
}

const isRoot = (): boolean => process.getuid?.() === 0

/** Whether `owner` may pass through every folder down to `path` (search permission; access lists are not read). */
export function canEnter(path: string, owner: Owner): boolean {
  const { mode, uid, gid } = statSync(path)
  const bit = uid === owner.uid ? 0o100 : gid === owner.gid ? 0o010 : 0o001
  const parent = dirname(path)
  return (mode & bit) !== 0 && (parent === path || canEnter(parent, owner))
}

/** Where root keeps what DATA cannot hold: beside other temporary things when DATA is one of them. */
function stateRoot(data: string): string {
  const temporary = realpathSync(tmpdir())
  if (data.startsWith(`${temporary}/`) && canEnter(temporary, unprivileged)) return temporary
  const lasting = '/var/lib/plumbline'
  mkdirSync(lasting, { recursive: true })
  chmodSync(lasting, 0o755)
  return lasting
}

const statePrefix = 'plumbline-state-'

/** The note in a state folder outside DATA that says which DATA it belongs to. */
const homeNote = (state: string): string => join(state, 'data.json')

function homeOf(state: string): string | undefined {
  try {
    return (JSON.parse(readFileSync(homeNote(state), 'utf8')) as { data?: string }).data
  } catch {
    return undefined
  }
}

interface Pointer {
  state: string
}

const pointerOf = (data: string): string => join(data, 'postgres.json')

function readPointer(data: string): Pointer | undefined {
  const file = pointerOf(data)
  if (!existsSync(file)) return undefined
  try {
    const { state } = JSON.parse(readFileSync(file, 'utf8')) as Partial<Pointer>
    if (typeof state === 'string') return { state }
  } catch {}
  return fail('unavailable', 'The note that says where the database lies cannot be read.', {
    where: file,
    hint: 'It should hold {"state": FOLDER}; write the folder in again, or restore it from a backup.',
  })
}

/** A new state folder outside DATA. Two processes at once: the one whose pointer is written first decides. */
function newStateElsewhere(data: string): string {
  const state = mkdtempSync(join(stateRoot(data), statePrefix))
  writeFileSync(homeNote(state), JSON.stringify({ data }))
  const draft = `${pointerOf(data)}.${randomBytes(6).toString('hex')}`
  writeFileSync(draft, `${JSON.stringify({ state })}\n`)
  try {
    linkSync(draft, pointerOf(data))
    return state
  } catch (error) {
    rmSync(state, { recursive: true })
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return readPointer(data)!.state
  } finally {
    rmSync(draft)
  }
}

/**
 * A pointer copied along with DATA would let two data folders share one cluster. A DATA that was moved is followed:
 * its old path no longer points here.
 */
function checkPointer(data: string, state: string): void {
  if (!existsSync(state))
    fail('unavailable', `The database of ${data} lies in ${state}, and that folder is gone.`, {
      where: pointerOf(data),
      hint: 'Bring the folder back (a volume that is not mounted?), or restore a backup into a new data folder.',
    })
  const home = homeOf(state)
  if (home === data) return
  if (home && existsSync(home) && readPointer(home)?.state === state)
    fail('conflict', `${data} is a copy of ${home}, whose database lies outside of it, in ${state}.`, {
      where: pointerOf(data),
      hint: `Copy with './plumbline db move ${home} FOLDER' instead.`,
    })
  writeFileSync(homeNote(state), JSON.stringify({ data }))
}

function stateOf(data: string): string {
  const inside = join(data, 'postgres')
  const pointer = readPointer(data)
  if (pointer) {
    checkPointer(data, pointer.state)
    return pointer.state
  }
  if (!existsSync(inside) && isRoot() && !canEnter(data, unprivileged)) return newStateElsewhere(data)
  mkdirSync(inside, { recursive: true, mode: 0o700 })
  return inside
}

/** Gives `folder` to `owner`, closed to everybody else. */
function own(folder: string, owner: Owner): void {
  chownSync(folder, owner.uid, owner.gid)
  chmodSync(folder, 0o700)
}

/** As root the server runs as the owner of the state folder: the unprivileged uid, or whoever made it before. */
function ownerOf(state: string): Owner | undefined {
  const { uid, gid } = statSync(state)
  if (!isRoot()) {
    if (uid !== process.getuid?.())
      fail('unavailable', `The database in ${state} belongs to another user (uid ${uid}).`, {
        where: state,
        hint: 'Run Plumbline as the user who made the data folder, or as root.',
      })
    return undefined
  }
  if (uid === 0) own(state, unprivileged)
  const owner = uid === 0 ? unprivileged : { uid, gid }
  if (!canEnter(state, owner))
    fail('unavailable', `The database server runs as uid ${owner.uid}, which cannot enter ${state}.`, {
      where: state,
      hint: `Let it pass through the folders above (chmod o+x), or run Plumbline as the user who owns them.`,
    })
  return owner
}

function socketDirOf(state: string, owner: Owner | undefined): string {
  const fits = (folder: string): boolean => Buffer.byteLength(join(folder, '.s.PGSQL.5432')) <= socketPathLimit
  const inside = join(state, 'run')
  if (fits(inside)) return inside
  const name = `plumbline-${createHash('sha256').update(state).digest('hex').slice(0, 16)}`
  const bases = [isRoot() ? '/run' : process.env.XDG_RUNTIME_DIR, tmpdir(), '/tmp']
  const base = bases.find((folder) => folder && existsSync(folder) && fits(join(folder, name)))
  return join(
    base ?? fail('unavailable', 'No folder is short enough for the socket of the database.', { where: tmpdir() }),
    owner ? name : `${name}-${process.getuid?.() ?? 'user'}`,
  )
}

/** Makes the folder of the socket, which alone guards the database: nobody else may own it or enter it. */
export function makeSocketDir({ socketDir, owner }: Place): void {
  const uid = owner?.uid ?? process.getuid?.()
  mkdirSync(socketDir, { recursive: true, mode: 0o700 })
  const info = lstatSync(socketDir)
  if (!info.isDirectory() || (info.uid !== uid && info.uid !== process.getuid?.()))
    fail('unavailable', 'The folder of the database socket belongs to somebody else.', {
      where: socketDir,
      hint: 'Remove it.',
    })
  if (owner) own(socketDir, owner)
  else chmodSync(socketDir, 0o700)
}

function placeAt(data: string, state: string): Place {
  const owner = ownerOf(state)
  return {
    data,
    state,
    cluster: join(state, 'cluster'),
    socketDir: socketDirOf(state, owner),
    log: join(state, 'postgres.log'),
    owner,
  }
}

/** Finds, or makes, the place of the database of a data folder. */
export function locate(dataDir: string): Place {
  try {
    mkdirSync(dataDir, { recursive: true })
    const data = realpathSync(dataDir)
    return placeAt(data, stateOf(data))
  } catch (error) {
    throw plainly(error, dataDir)
  }
}

/** State folders among the temporary things whose data folder was deleted: nobody can open them any more. */
export function forsaken(): Place[] {
  const root = realpathSync(tmpdir())
  return readdirSync(root).flatMap((name) => {
    const state = join(root, name)
    if (!name.startsWith(statePrefix) || statSync(state).uid !== unprivileged.uid) return []
    const home = homeOf(state)
    return home && !existsSync(home) ? [placeAt(home, state)] : []
  })
}

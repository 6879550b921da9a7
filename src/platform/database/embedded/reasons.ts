/** Says plainly why the operating system or the server refused, and what to do. */
import { isProblem, PlumblineError } from '../../errors.ts'

const diskFull = (where: string): PlumblineError =>
  new PlumblineError({
    code: 'unavailable',
    message: 'The disk is full: the database cannot be written.',
    where,
    hint: 'Free some space (the database needs at least 200 MB to work) and start again; nothing acknowledged is lost.',
  })

const notAllowed = (where: string, detail: string): PlumblineError =>
  new PlumblineError({
    code: 'unavailable',
    message: `The database may not read or write its folder (${detail}).`,
    where,
    hint: 'Make the folder writable for the user who runs Plumbline, choose another with --data, or use a database server with DATABASE_URL.',
  })

/** Turns a fault of the file system into a problem that says what to do; anything else is handed back as it came. */
export function plainly(error: unknown, where: string): unknown {
  if (isProblem(error) || !(error instanceof Error)) return error
  const { code, path, syscall = '' } = error as NodeJS.ErrnoException
  const place = path ?? where
  if (code === 'ENOSPC' || code === 'EDQUOT') return diskFull(place)
  if (code === 'EACCES' || code === 'EPERM') return notAllowed(place, 'permission denied')
  if (code === 'EROFS') return notAllowed(place, 'the file system is read-only')
  if (code === 'EINVAL' && /^(chown|spawn)/.test(syscall))
    return new PlumblineError({
      code: 'unavailable',
      message: 'PostgreSQL does not run as root, and this container has no other account (no uid 65534).',
      where: place,
      hint: 'Run Plumbline in it as an ordinary user, map more accounts into it, or use a database server with DATABASE_URL.',
    })
  if (code === 'ENOTDIR' || code === 'EEXIST')
    return new PlumblineError({
      code: 'bad_input',
      message: 'The data folder is not a folder.',
      where: place,
      hint: 'Choose another with --data.',
    })
  return error
}

export interface Refusal {
  problem: PlumblineError
  /** Another try may succeed: somebody else is starting it, or an earlier server is still going. */
  passing: boolean
  /** The server found a lock file whose process it believes to be alive. */
  locked: boolean
}

/** Reads from the last words of `initdb` or the server why it ended. */
export function refusal(words: string, where: string): Refusal {
  const because = (problem: PlumblineError, passing = false, locked = false): Refusal => ({ problem, passing, locked })
  const unavailable = (message: string, hint: string): PlumblineError =>
    new PlumblineError({ code: 'unavailable', message, where, hint })
  if (/could not (map|resize|create) shared memory|Cannot allocate memory/i.test(words))
    return because(
      unavailable(
        'There is too little (shared) memory for the database.',
        'It needs about 200 MB; in Docker see --shm-size.',
      ),
    )
  if (/No space left on device|Disk quota exceeded/i.test(words)) return because(diskFull(where))
  if (/lock file ".*" already exists/.test(words))
    return because(
      unavailable('Another process holds the database and does not answer.', 'End it, then start again.'),
      true,
      true,
    )
  if (/pre-existing shared memory block|could not bind .*Address already in use|lock file ".*" is empty/.test(words))
    return because(unavailable('An earlier database server has not ended yet.', 'Wait a moment and start again.'), true)
  if (/Permission denied|Operation not permitted|has wrong ownership|has invalid permissions/i.test(words))
    return because(notAllowed(where, lastLine(words)))
  if (/could not look up .*user/i.test(words))
    return because(
      unavailable(
        'The account that runs the database has no name on this system, and PostgreSQL wants one.',
        'Add its uid to /etc/passwd (in a container: use a named user), or use a database server with DATABASE_URL.',
      ),
    )
  return because(
    unavailable(
      `The database server did not start: ${lastLine(words) || 'it said nothing'}`,
      'Its log is named above; ./plumbline db restore brings a backup into a new data folder.',
    ),
  )
}

function lastLine(words: string): string {
  const lines = words.split('\n').filter((line) => line.trim())
  const fault = lines.findLast((line) => /FATAL|PANIC|ERROR|error:/.test(line)) ?? lines.at(-1) ?? ''
  return fault.replace(/^.*?(FATAL|PANIC|ERROR|error):\s*/, '').trim()
}

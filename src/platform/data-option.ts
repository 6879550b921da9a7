/** `--data DIR`: how every command that works on collected data finds its database. */
import type { Command } from 'commander'
import type { Platform } from './context.ts'
import type { Database } from './database/connect.ts'
import type { Db } from './sql.ts'

export interface DataOptions {
  data: string
  json?: boolean
}

export interface OpenData {
  db: Db
  database: Database
  close(): Promise<void>
}

/** Adds `--data DIR` and `--json` to a command. */
export const withData = (command: Command): Command =>
  command
    .option('--data <dir>', 'the data folder; with DATABASE_URL set, the database is that server', './data')
    .option('--json', 'print one JSON document')

/** Joins the running PostgreSQL of the data folder, or starts it, and brings it to the form this program expects. */
export async function openData({ data }: Pick<DataOptions, 'data'>): Promise<OpenData> {
  const [{ openDatabase }, { migrate }, { dbOver }] = await Promise.all([
    import('./database/connect.ts'),
    import('./database/migrate.ts'),
    import('./db.ts'),
  ])
  const database = await openDatabase({ dataDir: data, role: 'command' })
  try {
    await migrate(database.pool)
  } catch (error) {
    await database.close()
    throw error
  }
  return { db: dbOver(database.pool), database, close: database.close }
}

/** What an act stands on where no server runs: work is noted for the server, which takes it up when it next runs. */
export async function groundOf({ db, database }: OpenData): Promise<Pick<Platform, 'jobs' | 'clock'>> {
  const [{ createJobs }, { pino }] = await Promise.all([import('./jobs/runner.ts'), import('pino')])
  const jobs = createJobs({ db, connection: database.connection, log: pino({ level: 'silent' }) })
  return { jobs, clock: () => new Date() }
}

/** Opens the data, acts, and closes it whatever came of that. */
export async function withOpenData<T>(
  options: Pick<DataOptions, 'data'>,
  act: (opened: OpenData) => Promise<T>,
): Promise<T> {
  const opened = await openData(options)
  try {
    return await act(opened)
  } finally {
    await opened.close()
  }
}

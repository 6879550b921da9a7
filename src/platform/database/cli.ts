/** `db backup`, `db restore`, `db move`, `db check`: the whole database as one file, in another place, or looked through. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { action, example, exitCode, print, say } from '../command.ts'
import { type DataOptions, withData } from '../data-option.ts'
import { fail } from '../errors.ts'
import type { Database } from './connect.ts'

const isAddress = (place: string): boolean => /^postgres(ql)?:\/\//.test(place)

/** An address without its password, for people to read. */
function shown(place: string): string {
  if (!isAddress(place) || !URL.canParse(place)) return place
  const url = new URL(place)
  url.password = ''
  return url.href
}

/** Opens a data folder or an address; `reading`: one that must be there already. */
async function openPlace(place: string, { reading }: { reading: boolean }): Promise<Database> {
  const { openDatabase } = await import('./connect.ts')
  if (isAddress(place)) return openDatabase({ dataDir: '', url: place, role: 'command' })
  if (reading && !['postgres', 'postgres.json'].some((name) => existsSync(join(place, name))))
    fail('not_found', 'There is no database in this folder.', { where: place, hint: 'Check the path (--data DIR).' })
  return openDatabase({ dataDir: place, url: '', role: 'command' })
}

const placeOf = ({ data }: DataOptions): string => process.env.DATABASE_URL || data

async function using<T>(place: string, reading: boolean, act: (database: Database) => Promise<T>): Promise<T> {
  const database = await openPlace(place, { reading })
  try {
    return await act(database)
  } finally {
    await database.close()
  }
}

async function timed<T>(act: () => Promise<T>): Promise<T & { seconds: number }> {
  const start = performance.now()
  const result = await act()
  return { ...result, seconds: Math.round(performance.now() - start) / 1000 }
}

/** What is sealed in the database opens only with the key beside it. */
function remindOfKey(data: string): void {
  if (!isAddress(data) && existsSync(join(data, 'key')))
    say(`plumbline: secrets stay sealed with the key in ${join(data, 'key')}: keep it, and bring it along`)
}

const sayLeftOut = (leftOut: string[]): void => {
  if (leftOut.length) say(`plumbline: left out, for no migration makes them: ${leftOut.join(', ')}`)
}

async function runBackup(file: string, options: DataOptions): Promise<void> {
  const { backup } = await import('./copy/copy.ts')
  const done = await timed(() => using(placeOf(options), true, ({ pool }) => backup(pool, file)))
  remindOfKey(options.data)
  print(
    { file, ...done },
    options.json,
    ({ rows, tables, bytes, seconds }) =>
      `saved ${rows} rows of ${tables} tables in ${file} (${(bytes / 1e6).toFixed(1)} MB, ${seconds} s)`,
  )
}

async function runRestore(file: string, options: DataOptions): Promise<void> {
  const { restore } = await import('./copy/copy.ts')
  const done = await timed(() => using(placeOf(options), false, ({ pool }) => restore(file, pool)))
  print(
    { file, ...done },
    options.json,
    ({ rows, tables, madeAt, seconds }) =>
      `restored ${rows} rows of ${tables} tables as of ${madeAt}, all compared (${seconds} s)`,
  )
}

async function runMove(from: string, to: string, options: { json?: boolean }): Promise<void> {
  const { move } = await import('./copy/copy.ts')
  const done = await timed(() =>
    using(from, true, (source) => using(to, false, (target) => move(source.pool, target.pool))),
  )
  sayLeftOut(done.leftOut)
  remindOfKey(from)
  print(
    { from: shown(from), to: shown(to), ...done },
    options.json,
    ({ rows, tables, seconds }) =>
      `moved ${rows} rows of ${tables} tables to ${shown(to)}, all compared (${seconds} s); ${shown(from)} is as it was`,
  )
}

async function runCheck(file: string | undefined, options: DataOptions): Promise<void> {
  const { checkBackup, checkDatabase } = await import('./copy/check.ts')
  const verdict = file
    ? await checkBackup(file)
    : await using(placeOf(options), true, ({ pool }) => checkDatabase(pool))
  print(verdict, options.json, ({ ok, tables, problems }) => {
    const rows = tables.reduce((sum, table) => sum + table.rows, 0)
    return ok ? `whole: ${rows} rows of ${tables.length} tables read` : ['DAMAGED', ...problems].join('\n')
  })
  if (!verdict.ok) process.exitCode = exitCode.negative
}

export function databaseCommands(program: Command): void {
  const db = program.command('db').description('The database: backup, restore, move, check')
  const saving = db.command('backup').argument('<file>', 'a new file').description('Save everything of this moment')
  example(withData(saving), 'db backup plumbline-monday.backup').action(action(runBackup))
  const restoring = db
    .command('restore')
    .argument('<file>', 'a file of db backup')
    .description('Fill an empty database from a backup: everything, compared, or nothing')
  example(withData(restoring), 'db restore plumbline-monday.backup --data ./restored').action(action(runRestore))
  const moving = db
    .command('move')
    .argument('<from>', 'a data folder, or postgresql://...')
    .argument('<to>', 'a new data folder, or postgresql://... of an empty database')
    .option('--json', 'print one JSON document')
    .description('Fill another, empty database with all of this one; the old one is left as it was')
  example(moving, 'db move ./data postgresql://plumbline@db.example.org/plumbline').action(action(runMove))
  const checking = db
    .command('check')
    .argument('[file]', 'a file of db backup; without it the database')
    .description('Read every row, compare counts, keys and indexes (exit code 1 if something is wrong)')
  example(withData(checking), 'db check', 'db check plumbline-monday.backup').action(action(runCheck))
}

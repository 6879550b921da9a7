/** Votes between two items from a file, with whatever other columns of the file a method asks for. */
import { refuse } from '../errors.ts'
import type { NamedVotes } from '../preference/votes.ts'
import { type Columns, parseColumns, readColumns } from './read.ts'

type Name = 'left' | 'right' | 'winner' | 'worker'

export interface VoteFile {
  votes: NamedVotes
  /** The columns as read; those asked for besides are there under their own names. */
  rows: Columns<string>
}

/** @param more columns that the file must have besides */
export async function readVotes(file: string, columns: string | undefined, more: string[] = []): Promise<VoteFile> {
  const { namedVotes, winner } = await import('../preference/votes.ts')
  const own = { left: 'left', right: 'right', winner: 'winner', worker: 'worker' }
  const byName: Record<string, string> = parseColumns(columns, {
    ...own,
    ...Object.fromEntries(more.map((name) => [name, name])),
  })
  const rows = readColumns<string>(file, byName, { optional: ['worker'] })
  const { left, right, worker, winner: won } = rows.values as Record<Name, string[]>
  const outcome = won.map((text, n) => {
    const where = `${file}, line ${rows.lines[n]}, column ${byName.winner}`
    if (left[n] === right[n]) refuse(`${left[n]} is compared with itself.`, { where: `${file}, line ${rows.lines[n]}` })
    const known = Object.entries(winner).find(([name]) => name === text)
    return known ? known[1] : refuse(`left, right or tie was expected, found ${text}.`, { where })
  })
  const nameless = worker.indexOf('')
  if (nameless >= 0)
    refuse('A worker is missing.', { where: `${file}, line ${rows.lines[nameless]}, column ${byName.worker}` })
  return { votes: namedVotes(left, right, outcome, worker), rows }
}

/** The number of an option. */
export function atLeast(text: string, where: string, least: number): number {
  const value = Number(text)
  if (text.trim() === '' || !(value >= least && Number.isFinite(value)))
    refuse(`A number of ${least} or more was expected, found ${text}.`, { where })
  return value
}

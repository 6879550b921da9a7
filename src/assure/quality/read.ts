/** What later stations ask of quality, inside their own transactions. */
import type { Db } from '../../platform/sql.ts'
import { inferTruth } from './reliability.ts'
import { type Answer, labelsOf, sidesOf } from './rules.ts'
import { answersOf, lengthsOf } from './store.ts'
import type { Suspect } from './suspect-test.ts'
import { suspectsOf } from './suspects.ts'

/** Lengths of everything that was judged. */
export const textLengths = (db: Db, answers: Answer[]): Promise<Map<string, number>> =>
  lengthsOf(db, [...new Set(answers.flatMap(({ targets }) => targets))])

/** People of a project whose work looks careless or biased, the surest first. */
export async function suspectsIn(db: Db, project: string): Promise<Suspect[]> {
  const answers = await answersOf(db, project)
  const { knowing } = inferTruth(labelsOf(answers))
  return suspectsOf({ answers, knowing, sides: sidesOf(answers).people, lengths: await textLengths(db, answers) })
}

/**
 * What quality measures, from the database to what screens show. All of it runs in the thread of `assure/thread`: some of these
 * statistics take seconds on fifty thousand answers, and a server must not wait.
 */
import type { Known } from '../../platform/contract.ts'
import type { Db } from '../../platform/sql.ts'
import { marked } from '../gold/read.ts'
import { goldAnswers } from '../gold/store.ts'
import { shownJudgements } from '../others/read.ts'
import { contestedOf } from './contested.ts'
import { driftOf } from './drift.ts'
import { goldOf } from './gold.ts'
import { fewestInGroup, groupBiasOf } from './groups.ts'
import { lengthBias } from './length.ts'
import { fewest, inferTruth } from './reliability.ts'
import {
  type Answer,
  agreementBySlice,
  agreementOf,
  agreementOfPairs,
  agreementOverTime,
  agreementWithOthers,
  labelsOf,
  sidesOf,
} from './rules.ts'
import type { ContestedKind } from './shapes.ts'
import { speedBias } from './speed.ts'
import {
  answersOf,
  basisOf,
  latelyOf,
  lengthsOf,
  mostAnswers,
  notesFor,
  openingsOf,
  personOf,
  shownWork,
  skillsOf,
  tagsOf,
  type Work,
  workOf,
} from './store.ts'
import { suspectsOf } from './suspects.ts'

interface InProject {
  project: string
}

const keyOf = ({ id, step }: { id: string; step: string }) => `${id} ${step}`

const undecided = { undefined: 'no comparison decided' }
const alone = { undefined: 'nobody else has answered the same tasks' }

const areSimulated = (people: Work[]) => people.some(({ simulatedAs }) => simulatedAs !== null)

/** Lengths of everything that was judged. */
const textLengths = (db: Db, answers: Answer[]): Promise<Map<string, number>> =>
  lengthsOf(db, [...new Set(answers.flatMap(({ targets }) => targets))])

/** People whose work looks careless or biased, the surest first. */
const suspectsAmong = async (db: Db, answers: Answer[]) =>
  suspectsOf({
    answers,
    knowing: inferTruth(labelsOf(answers)).knowing,
    sides: sidesOf(answers).people,
    lengths: await textLengths(db, answers),
  })

const read = async (db: Db, project: string) => {
  const [answers, people] = await Promise.all([answersOf(db, project), workOf(db, project)])
  return { answers, people, basis: basisOf(answers) }
}

export async function agreement(db: Db, { project }: InProject) {
  const { answers, people, basis } = await read(db, project)
  const rows = labelsOf(answers)
  const tags = await tagsOf(db, [...new Set(rows.map(({ task }) => task))])
  return {
    rows: agreementOf(rows),
    slices: agreementBySlice(rows, tags),
    overTime: agreementOverTime(rows),
    simulated: areSimulated(people),
    basis,
  }
}

export async function pairs(db: Db, { project, attribute }: InProject & { attribute: string }) {
  const { answers, people } = await read(db, project)
  const pairs = agreementOfPairs(labelsOf(answers), attribute)
  const met = new Set(pairs.flatMap(({ first, second }) => [first, second]))
  return { people: people.filter(({ id }) => met.has(id)).map(personOf), pairs }
}

export async function contested(
  db: Db,
  { project, kind, after, limit }: InProject & { kind?: ContestedKind[]; after?: string; limit: number },
) {
  const { answers, basis } = await read(db, project)
  const rows = labelsOf(answers)
  const taskOf = new Map(rows.map(({ item, task }) => [item, task]))
  const found = contestedOf(rows, inferTruth(rows))
  const counts: Record<ContestedKind, number> = { error: 0, ambiguity: 0, values: 0 }
  for (const one of found) counts[one.kind]++
  const wanted = found.filter((one) => !kind || kind.includes(one.kind))
  const from = after ? wanted.findIndex((one) => keyOf(one) === after) + 1 : 0
  const page = wanted.slice(from, from + limit)
  const openings = await openingsOf(
    db,
    page.map(({ id }) => taskOf.get(id)!),
  )
  return {
    counts,
    rows: page.map((one) => {
      const task = taskOf.get(one.id)!
      const { step, attribute, kind, why, votes, leading } = one
      return { id: keyOf(one), task, opening: openings.get(task) ?? '', step, attribute, kind, why, votes, leading }
    }),
    next: from + limit < wanted.length ? keyOf(page.at(-1)!) : null,
    basis,
  }
}

export async function bias(db: Db, { project }: InProject) {
  const { answers, people, basis } = await read(db, project)
  const { slope, longer } = lengthBias(answers, await textLengths(db, answers))
  return {
    position: sidesOf(answers).pool,
    length: slope,
    longer,
    speed: speedBias(answers).pool,
    simulated: areSimulated(people),
    basis,
  }
}

export async function people(db: Db, { project }: InProject) {
  const { answers, people, basis } = await read(db, project)
  const rows = labelsOf(answers)
  const agreement = agreementWithOthers(rows)
  const truth = inferTruth(rows)
  const sides = sidesOf(answers).people
  const characters = await textLengths(db, answers)
  const suspects = suspectsOf({ answers, knowing: truth.knowing, sides, lengths: characters })
  const lengths = lengthBias(answers, characters).people
  const speeds = speedBias(answers).people
  return {
    basis,
    rows: people.map((work) => {
      const reliability = truth.people.get(work.id)
      return {
        ...shownWork(work),
        agreement: agreement.get(work.id) ?? alone,
        reliability:
          reliability && reliability.n >= fewest
            ? reliability
            : { undefined: `${reliability?.n ?? 0} shared answers; at least ${fewest} are needed` },
        leftSide: sides.get(work.id) ?? undecided,
        length: lengths.get(work.id) ?? undecided,
        speed: speeds.get(work.id) ?? alone,
        findings: suspects.filter(({ person }) => person === work.id).map(({ person: _, ...finding }) => finding),
      }
    }),
  }
}

export async function suspects(db: Db, { project }: InProject) {
  const { answers, people, basis } = await read(db, project)
  const found = await suspectsAmong(db, answers)
  const known = new Map(people.map((work) => [work.id, personOf(work)]))
  return {
    rows: found.flatMap(({ person, ...finding }) => {
      const who = known.get(person)
      return who ? [{ ...finding, person: who }] : []
    }),
    people: people.filter(({ answered }) => answered > 0).length,
    basis,
  }
}

export async function drift(db: Db, { project, person }: InProject & { person?: string }) {
  const { answers, people, basis } = await read(db, project)
  const { every, pool, people: each, pointsOf } = driftOf(labelsOf(answers))
  const found = new Map(each.map((one) => [one.person, one]))
  return {
    every,
    pool,
    people: people.flatMap((work) => {
      const own = found.get(work.id)
      return own ? [{ ...own, person: personOf(work) }] : []
    }),
    points: person ? pointsOf(person) : [],
    simulated: areSimulated(people),
    basis,
  }
}

export async function groups(db: Db, { project }: InProject) {
  const [{ answers, basis }, skills] = await Promise.all([read(db, project), skillsOf(db, project)])
  const working = new Set(answers.map(({ person }) => person))
  return {
    rows: groupBiasOf(labelsOf(answers), skills),
    people: [...skills.keys()].filter((person) => working.has(person)).length,
    fewest: fewestInGroup,
    basis,
  }
}

export async function gold(db: Db, { project }: InProject) {
  const [answers, people] = await Promise.all([goldAnswers(db, project, { limit: mostAnswers }), workOf(db, project)])
  const { tasks, all, right, every, points } = goldOf(marked(answers))
  return {
    tasks,
    all,
    every,
    points,
    people: people.flatMap((work) => {
      const own = right.get(work.id)
      return own ? [{ person: personOf(work), right: own }] : []
    }),
  }
}

/** Agreement on the preference of some tasks, and who is suspected by all that they have done in the project. */
export async function ofTasks(
  db: Db,
  { project, tasks, suspects: wanted }: InProject & { tasks: string[]; suspects: boolean },
): Promise<{ people: number; alpha: Known; suspects: string[] }> {
  const answers = await answersOf(db, project)
  const asked = new Set(tasks)
  const own = answers.filter(({ task }) => asked.has(task))
  const preference = agreementOf(labelsOf(own)).find(({ attribute }) => attribute === 'preference')
  const found = wanted ? await suspectsAmong(db, answers) : []
  return {
    people: new Set(own.map(({ person }) => person)).size,
    alpha: preference?.alpha ?? { undefined: 'nobody has judged one of these tasks' },
    suspects: [...new Set(found.map(({ person }) => person))],
  }
}

/** One's own work. `own`: what stands there of somebody who has done nothing here yet. */
export async function mine(
  db: Db,
  { project, person, own }: InProject & { person: string; own: Pick<Work, 'id' | 'name' | 'simulatedAs'> },
) {
  const [answers, [work], notes, lately] = await Promise.all([
    answersOf(db, project, person),
    workOf(db, project, person),
    notesFor(db, project, person),
    latelyOf(db, project, person),
  ])
  // A correction speaks of the same targets: it is shown as it would have stood on the screen of its author.
  const shown = await shownJudgements(
    db,
    notes.flatMap((note) => (note.correction ? [note, { ...note, submission: note.correction }] : [])),
  )
  return {
    ...shownWork(work ?? { ...nothing, ...own }),
    ...lately,
    agreement: agreementWithOthers(labelsOf(answers)).get(person) ?? alone,
    notes: notes.map(({ verdict, reason, opening, at, submission, correction }) => ({
      verdict,
      reason,
      opening,
      at: at.toISOString(),
      corrected: correction ? { yours: shown.get(submission) ?? [], theirs: shown.get(correction) ?? [] } : null,
    })),
  }
}

const nothing = { answered: 0, activeMs: 0, medianMs: null, skipped: 0, accepted: 0, corrected: 0, returned: 0 }

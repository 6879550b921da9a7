import { setImmediate as breath } from 'node:timers/promises'
import { implement } from '@orpc/server'
import { authorised } from '../../people/access.ts'
import type { CallContext, Caller } from '../../platform/context.ts'
import { contestedOf } from './contested.ts'
import { type ContestedKind, quality as contract } from './contract.ts'
import { lengthBias } from './length.ts'
import { suspectsIn, textLengths } from './read.ts'
import { fewest, inferTruth } from './reliability.ts'
import {
  agreementBySlice,
  agreementOf,
  agreementOfPairs,
  agreementOverTime,
  agreementWithOthers,
  labelsOf,
  sidesOf,
} from './rules.ts'
import { speedBias } from './speed.ts'
import { answersOf, latelyOf, notesFor, openingsOf, tagsOf, type Work, workOf } from './store.ts'
import { suspectsOf } from './suspects.ts'

/** Between two statistics the server takes a `breath`: whoever works meanwhile must not wait for all of them. */
const os = implement(contract).$context<CallContext>().use(authorised)

/** Of somebody who has done nothing here yet. */
const nothing = ({ id, name, simulatedAs }: Caller): Work => ({
  id,
  name,
  simulatedAs,
  answered: 0,
  activeMs: 0,
  medianMs: null,
  skipped: 0,
  accepted: 0,
  corrected: 0,
  returned: 0,
})

const keyOf = ({ id, step }: { id: string; step: string }) => `${id} ${step}`

const undecided = { undefined: 'no comparison decided' }
const alone = { undefined: 'nobody else has answered the same tasks' }

const personOf = ({ id, name, simulatedAs }: Work) => ({ id, name, simulatedAs })
const areSimulated = (people: Work[]) => people.some(({ simulatedAs }) => simulatedAs !== null)

const shown = (work: Work) => ({
  person: personOf(work),
  answered: work.answered,
  activeMs: work.activeMs,
  medianMs: work.medianMs,
  skipped: work.skipped,
  reviews: { accepted: work.accepted, corrected: work.corrected, returned: work.returned },
})

export const quality = os.router({
  agreement: os.agreement.handler(async ({ input: { project }, context: { platform } }) => {
    const [answers, people] = await Promise.all([answersOf(platform.db, project), workOf(platform.db, project)])
    const rows = labelsOf(answers)
    const tags = await tagsOf(platform.db, [...new Set(rows.map(({ task }) => task))])
    const attributes = agreementOf(rows)
    await breath()
    const slices = agreementBySlice(rows, tags)
    await breath()
    return { rows: attributes, slices, overTime: agreementOverTime(rows), simulated: areSimulated(people) }
  }),

  pairs: os.pairs.handler(async ({ input: { project, attribute }, context: { platform } }) => {
    const [answers, people] = await Promise.all([answersOf(platform.db, project), workOf(platform.db, project)])
    const pairs = agreementOfPairs(labelsOf(answers), attribute)
    const met = new Set(pairs.flatMap(({ first, second }) => [first, second]))
    return { people: people.filter(({ id }) => met.has(id)).map(personOf), pairs }
  }),

  contested: os.contested.handler(async ({ input: { project, kind, after, limit }, context: { platform } }) => {
    const rows = labelsOf(await answersOf(platform.db, project))
    const taskOf = new Map(rows.map(({ item, task }) => [item, task]))
    const truth = inferTruth(rows)
    await breath()
    const found = contestedOf(rows, truth)
    const counts: Record<ContestedKind, number> = { error: 0, ambiguity: 0, values: 0 }
    for (const one of found) counts[one.kind]++
    const wanted = found.filter((one) => !kind || one.kind === kind)
    const from = after ? wanted.findIndex((one) => keyOf(one) === after) + 1 : 0
    const page = wanted.slice(from, from + limit)
    const openings = await openingsOf(
      platform.db,
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
    }
  }),

  bias: os.bias.handler(async ({ input: { project }, context: { platform } }) => {
    const [answers, people] = await Promise.all([answersOf(platform.db, project), workOf(platform.db, project)])
    const { slope, longer } = lengthBias(answers, await textLengths(platform.db, answers))
    await breath()
    const speed = speedBias(answers).pool
    await breath()
    return {
      position: sidesOf(answers).pool,
      length: slope,
      longer,
      speed,
      simulated: areSimulated(people),
    }
  }),

  people: os.people.handler(async ({ input: { project }, context: { platform } }) => {
    const [answers, people] = await Promise.all([answersOf(platform.db, project), workOf(platform.db, project)])
    const rows = labelsOf(answers)
    const agreement = agreementWithOthers(rows)
    await breath()
    const truth = inferTruth(rows)
    await breath()
    const sides = sidesOf(answers).people
    const characters = await textLengths(platform.db, answers)
    const suspects = suspectsOf({ answers, knowing: truth.knowing, sides, lengths: characters })
    await breath()
    const lengths = lengthBias(answers, characters).people
    await breath()
    const speeds = speedBias(answers).people
    return {
      rows: people.map((work) => {
        const reliability = truth.people.get(work.id)
        return {
          ...shown(work),
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
  }),

  suspects: os.suspects.handler(async ({ input: { project }, context: { platform } }) => {
    const [found, people] = await Promise.all([suspectsIn(platform.db, project), workOf(platform.db, project)])
    const known = new Map(people.map((work) => [work.id, personOf(work)]))
    return {
      rows: found.flatMap(({ person, ...finding }) => {
        const who = known.get(person)
        return who ? [{ ...finding, person: who }] : []
      }),
      people: people.filter(({ answered }) => answered > 0).length,
    }
  }),

  mine: os.mine.handler(async ({ input: { project }, context: { platform, caller } }) => {
    const [answers, [work], notes, lately] = await Promise.all([
      answersOf(platform.db, project, caller.id),
      workOf(platform.db, project, caller.id),
      notesFor(platform.db, project, caller.id),
      latelyOf(platform.db, project, caller.id),
    ])
    return {
      ...shown(work ?? nothing(caller)),
      ...lately,
      agreement: agreementWithOthers(labelsOf(answers)).get(caller.id) ?? alone,
      notes: notes.map((note) => ({ ...note, at: note.at.toISOString() })),
    }
  }),
})

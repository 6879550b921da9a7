import { implement } from '@orpc/server'
import { authorised } from '../../people/access.ts'
import type { CallContext } from '../../platform/context.ts'
import { quality as contract, type Interval } from './contract.ts'
import { agreementOf, agreementWithOthers, labelsOf, leftSideOf } from './rules.ts'
import { answersOf, notesFor, type Work, workOf } from './store.ts'

const os = implement(contract).$context<CallContext>().use(authorised)

const alone: Interval = { undefined: 'nobody else has answered the same tasks' }

const shown = (work: Work) => ({
  person: { id: work.id, name: work.name, simulatedAs: work.simulatedAs },
  answered: work.answered,
  activeMs: work.activeMs,
  medianMs: work.medianMs,
  skipped: work.skipped,
  reviews: { accepted: work.accepted, corrected: work.corrected, returned: work.returned },
})

export const quality = os.router({
  agreement: os.agreement.handler(async ({ input: { project }, context: { platform } }) => {
    const [answers, people] = await Promise.all([answersOf(platform.db, project), workOf(platform.db, project)])
    return { rows: agreementOf(labelsOf(answers)), simulated: people.some(({ simulatedAs }) => simulatedAs !== null) }
  }),

  people: os.people.handler(async ({ input: { project }, context: { platform } }) => {
    const [answers, people] = await Promise.all([answersOf(platform.db, project), workOf(platform.db, project)])
    const agreement = agreementWithOthers(labelsOf(answers))
    const sides = leftSideOf(answers)
    return {
      rows: people.map((work) => ({
        ...shown(work),
        agreement: agreement.get(work.id) ?? alone,
        leftSide: sides.get(work.id) ?? { undefined: 'no comparison decided' },
      })),
    }
  }),

  mine: os.mine.handler(async ({ input: { project }, context: { platform, caller } }) => {
    const [answers, [work], notes] = await Promise.all([
      answersOf(platform.db, project),
      workOf(platform.db, project, caller.id),
      notesFor(platform.db, project, caller.id),
    ])
    const nothing: Work = {
      id: caller.id,
      name: caller.name,
      simulatedAs: caller.simulatedAs,
      answered: 0,
      activeMs: 0,
      medianMs: null,
      skipped: 0,
      accepted: 0,
      corrected: 0,
      returned: 0,
    }
    return {
      ...shown(work ?? nothing),
      agreement: agreementWithOthers(labelsOf(answers)).get(caller.id) ?? alone,
      notes: notes.map((note) => ({ ...note, at: note.at.toISOString() })),
    }
  }),
})

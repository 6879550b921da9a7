/** The leaderboard of a project; computed in the thread of statistics. */
import { suspects } from '../../assure/quality/measure.ts'
import type { Db } from '../../platform/sql.ts'
import { currentPolicy } from '../gates/read.ts'
import type { Judges, Ranked, Scope, Style } from './contract.ts'
import { boardOf } from './rules.ts'
import { judgementsOf, mostJudgements, policiesOf, sourcesOf } from './store.ts'

interface Wanted {
  project: string
  attribute: string
  style: Style
  tasks: Scope
  judges: Judges
}

type Policies = Awaited<ReturnType<typeof policiesOf>>

/** Everything that was imported stands together: an import does not say which model wrote what. */
function named(key: string, policies: Policies): Pick<Ranked, 'name' | 'origin' | 'checkpoint'> {
  if (key === 'import') return { name: 'Imported responses', origin: 'import', checkpoint: null }
  if (key === 'person') return { name: 'Written by people', origin: 'person', checkpoint: null }
  return { name: 'A policy that is gone', checkpoint: null, ...policies.get(key), origin: 'policy' }
}

async function suspectsNow(db: Db, project: string): Promise<Set<string>> {
  const { rows } = await suspects(db, { project })
  return new Set(rows.map(({ person }) => person.id))
}

export async function leaderboard(db: Db, { project, attribute, style, tasks, judges }: Wanted) {
  const [newest, policies, current, suspected] = await Promise.all([
    judgementsOf(db, project, tasks),
    policiesOf(db, project),
    currentPolicy(db, project),
    judges === 'all' ? new Set<string>() : suspectsNow(db, project),
  ])
  const judged = newest.filter(({ person }) => !suspected.has(person))
  const unheard = newest.filter(({ person }) => suspected.has(person))
  const sources = await sourcesOf(db, [...new Set(judged.flatMap(({ targets }) => targets))])
  const { leftOut, ...board } = boardOf(judged, sources, attribute, style)
  return {
    ...board,
    leftOut: {
      ...leftOut,
      suspects: { judgements: unheard.length, people: new Set(unheard.map(({ person }) => person)).size },
    },
    policies: board.policies.map((one) => {
      const inForce = one.key === current?.id
      return {
        ...one,
        ...named(one.key, policies),
        inForce,
        override: (inForce && current.promotion.override) || null,
      }
    }),
    newestOf: newest.length === mostJudgements ? mostJudgements : null,
    simulated: judged.some(({ simulated }) => simulated),
  }
}

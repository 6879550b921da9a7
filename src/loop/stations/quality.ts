/** Quality: what the judgements of this round are worth, before anything is learned from them. */
import { sql } from 'kysely'
import { suspectsIn } from '../../assure/quality/read.ts'
import { agreementOf, labelsOf } from '../../assure/quality/rules.ts'
import { answersOf } from '../../assure/quality/store.ts'
import { all, type Db } from '../../platform/sql.ts'
import type { Facts } from '../contract.ts'
import type { OpenRound } from '../store.ts'
import type { RoundStation } from './station.ts'

const tasksOf = async (db: Db, round: string): Promise<Set<string>> =>
  new Set(
    (await all(db, sql<{ task: string }>`SELECT task_id AS task FROM round_tasks WHERE round_id = ${round}`)).map(
      ({ task }) => task,
    ),
  )

/** Agreement is that of the round's own tasks; people are suspected by all that they have done in the project. */
async function measure(db: Db, { id, project, plan }: OpenRound): Promise<Facts> {
  const [answers, tasks] = [await answersOf(db, project), await tasksOf(db, id)]
  const own = answers.filter(({ task }) => tasks.has(task))
  const preference = agreementOf(labelsOf(own)).find(({ attribute }) => attribute === 'preference')
  const suspects = plan.quality.withoutSuspects ? await suspectsIn(db, project) : []
  return {
    people: new Set(own.map(({ person }) => person)).size,
    suspects: [...new Set(suspects.map(({ person }) => person))],
    ...(!preference
      ? { unknown: 'nobody has judged a task of this round' }
      : 'undefined' in preference.alpha
        ? { unknown: preference.alpha.undefined }
        : { alpha: preference.alpha }),
  }
}

export const quality: RoundStation = {
  begin: async ({ trx, round }) => ({ subject: null, facts: await measure(trx, round) }),
  async look({ round }, { facts, acceptedWhy }) {
    const { minimumAlpha } = round.plan.quality
    if (acceptedWhy !== null || minimumAlpha === undefined) return { state: 'done', facts }
    const hint = 'Look at Quality for what people disagree on; mend the guideline, or say why the round goes on.'
    if (!facts.alpha) return { state: 'blocked', facts, why: `Agreement cannot be measured: ${facts.unknown}.`, hint }
    return facts.alpha.value >= minimumAlpha
      ? { state: 'done', facts }
      : {
          state: 'blocked',
          facts,
          why: `Agreement (alpha ${facts.alpha.value.toFixed(2)}) is below the ${minimumAlpha} that the plan asks for.`,
          hint,
        }
  },
}

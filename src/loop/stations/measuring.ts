/** Evaluation and promotion: is the new policy better, and may it take the place of the old? */
import type { Gate, Promotion } from '../../evaluate/gates/contract.ts'
import { decisionOf, listPromotions, promote, standingOf } from '../../evaluate/gates/read.ts'
import {
  askedOf,
  finishHeadToHead,
  headToHead,
  retryHeadToHead,
  startHeadToHead,
  stopHeadToHead,
} from '../../evaluate/head-to-head/read.ts'
import { recordAudit } from '../../platform/audit.ts'
import type { Db } from '../../platform/sql.ts'
import type { Facts } from '../contract.ts'
import type { StationRow } from '../store.ts'
import { rewardOf } from './learning.ts'
import { paceOfTasks } from './pace.ts'
import type { Look, RoundStation, Turn } from './station.ts'

/** What nobody has judged yet leaves the queue: the head to head ends with what is there. */
async function finish({ trx, platform, round }: Turn, { subject }: StationRow): Promise<void> {
  const found = subject ? await headToHead(trx, round.project, subject) : undefined
  if (found?.state === 'judging') await finishHeadToHead(trx, platform, { project: round.project, id: found.id })
}

export const evaluation: RoundStation = {
  async begin(turn) {
    const { trx, platform, round } = turn
    const { limit, overlap, parameters } = round.plan.evaluation
    const subject = await startHeadToHead(trx, platform, {
      project: round.project,
      candidate: turn.factsOf('policy').policy!,
      baseline: round.policy,
      prompts: { heldOutOf: turn.subjectOf('dataset') },
      limit,
      overlap,
      parameters,
      reward: await rewardOf(turn),
      skills: round.plan.judgements.skills,
      withoutPeople: turn.factsOf('quality').suspects,
      roundId: round.id,
      createdBy: round.createdBy ?? undefined,
    })
    return { subject, facts: {} }
  },
  async look({ trx, platform, round }, { subject }) {
    const { state, progress, human, kl, problem } = (await headToHead(trx, round.project, subject!))!
    const { done, wanted } = progress.judgements
    const { tasks, cost } = await askedOf(trx, subject!)
    const { activeMs, leftMs } = await paceOfTasks(trx, tasks, platform.clock())
    const facts: Facts = {
      ...(state === 'sampling' ? {} : { done, total: wanted, activeMs }),
      ...(state === 'judging' && leftMs !== undefined ? { leftMs } : {}),
      cost,
      people: human.people,
      simulated: human.simulated,
      ...('undefined' in human.winRate ? { unknown: human.winRate.undefined } : { winRate: human.winRate }),
      ...('undefined' in kl ? {} : { kl: kl.value }),
    }
    if (state === 'failed') return { state: 'failed', facts, problem: problem! }
    return { state: state === 'done' ? 'done' : 'working', facts }
  },
  async again({ trx, platform, round }, { subject }) {
    const found = subject ? await headToHead(trx, round.project, subject) : undefined
    if (found?.state !== 'failed') return found !== undefined
    await retryHeadToHead(trx, platform, { project: round.project, id: found.id })
    return true
  },
  accept: finish,
  async stop(turn, row) {
    const { trx, platform, round } = turn
    const found = row.subject ? await headToHead(trx, round.project, row.subject) : undefined
    if (found?.state === 'sampling') await stopHeadToHead(trx, platform, { project: round.project, id: found.id })
    else await finish(turn, row)
  },
}

/** A promotion that another has made meanwhile, with a lead's word, is as good as the round's own. */
async function promotionOf(db: Db, project: string, headToHead: string): Promise<Promotion | undefined> {
  const newest = await listPromotions(db, project, { limit: 20 })
  return newest.find((promotion) => promotion.headToHead === headToHead)
}

const promoted = ({ id, policy, override }: Promotion, facts: Facts): Look => ({
  state: 'done',
  subject: id,
  facts: { ...facts, name: policy.name, policy: policy.id, ...(override ? { overridden: override } : {}) },
})

export const promotion: RoundStation = {
  begin: async () => ({ subject: null, facts: {} }),
  async look({ trx, platform, round, subjectOf, factsOf }) {
    const { project, plan, createdBy } = round
    const headToHead = subjectOf('evaluation')
    const { gates, lacks } = await standingOf(trx, project, headToHead)
    const required = gates.filter((gate) => gate.required)
    const count = (verdict: Gate['verdict']) => required.filter((gate) => gate.verdict === verdict).length
    const facts: Facts = { gates: { passed: count('pass'), failed: count('fail'), unknown: count('unknown') } }
    const made = await promotionOf(trx, project, headToHead)
    if (made) return promoted(made, facts)
    const passes = decisionOf(gates) === 'pass'
    if (passes && plan.promotion === 'when-gates-pass') {
      const policy = factsOf('policy').policy!
      const at = platform.clock()
      const own = await promote(trx, { project, policy, headToHead, by: createdBy ?? undefined }, at)
      const subject = `policy ${policy}`
      await recordAudit(trx, [{ actor: 'system', action: 'policy.promote', subject, project, after: own }], at)
      return promoted(own, facts)
    }
    const open = required.filter(({ verdict }) => verdict !== 'pass').map(({ why }) => why)
    return {
      state: 'blocked',
      facts: { ...facts, ...(lacks ? { lacks } : {}) },
      why: passes ? 'Every gate is passed; the plan leaves the last word to a lead.' : open.join(' '),
      hint: passes
        ? 'Promote it under Evaluate, Gates; or end the round without a promotion.'
        : `${lacks ? 'Have more people judge each pair; or a' : 'A'} lead may promote it all the same under Evaluate, Gates, with a reason; or end the round without a promotion.`,
    }
  },
}

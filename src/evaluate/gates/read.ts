/** Gates of a head to head, promotion, and which policy is in force; for rounds and screens, inside their transactions. */
import { findPolicy } from '../../models/policies/store.ts'
import { fail } from '../../platform/errors.ts'
import { emit } from '../../platform/events.ts'
import { newId } from '../../platform/ids.ts'
import { publish } from '../../platform/live.ts'
import type { Db } from '../../platform/sql.ts'
import { gateNames } from '../../projects/contract.ts'
import { judgedPairs } from '../head-to-head/judged.ts'
import { rewardBehind } from '../head-to-head/measured.ts'
import { headToHead as found } from '../head-to-head/read.ts'
import type { Gate, Promotion } from './contract.ts'
import { decisionOf, kl, type Lack, lackOf, length, looserOf, preference, probe, violations } from './rules.ts'
import {
  addPromotion,
  changedSince,
  checkedOf,
  gateSettingsOf,
  listPromotions,
  lockProject,
  probesOf,
} from './store.ts'

export { decisionOf } from './rules.ts'
export { listPromotions } from './store.ts'

/** The gates of a head to head as they stand. Throws `not_found`. */
export const gatesOf = async (db: Db, project: string, headToHead: string): Promise<Gate[]> =>
  (await standingOf(db, project, headToHead)).gates

export interface Standing {
  gates: Gate[]
  /** What the gate of preference lacks for a verdict, where more people could give it. */
  lacks?: Lack
}

/** The gates, and what more people could add. Throws `not_found`. */
export async function standingOf(db: Db, project: string, headToHead: string): Promise<Standing> {
  const result =
    (await found(db, project, headToHead)) ??
    fail('not_found', 'There is no such head to head.', { where: 'headToHead' })
  const met = [result.candidate.id, result.baseline.id]
  const [settings, pairs, probes, behind, current, changed] = await Promise.all([
    gateSettingsOf(db, project),
    judgedPairs(db, headToHead),
    probesOf(db, headToHead),
    rewardBehind(db, result.candidate.id),
    currentPolicy(db, project),
    changedSince(db, met, new Date(result.createdAt)),
  ])
  const answers = pairs.flatMap(({ candidate }) => (candidate ? [candidate] : []))
  const { state, plan, progress } = result
  const checked = await checkedOf(db, project, answers, plan.withoutPeople ?? [])
  const notMet = current && !met.includes(current.id) ? current.name : undefined
  const ended = { state, overlap: plan.overlap, judgements: progress.judgements, notMet, changed }
  const probed = (reward: string) => probe(pairs, probes.get(reward) ?? new Map(), settings)
  const verdicts: Record<Gate['gate'], Omit<Gate, 'gate' | 'required' | 'looser'>> = {
    preference: preference(pairs, ended, settings),
    kl: kl(result.kl, settings, plan.parameters.temperature),
    length: length(result.length.ratio, settings),
    violations: violations(checked, settings),
    'reward-probe': behind
      ? probed(behind)
      : {
          value: null,
          threshold: { below: settings.maxJunk },
          verdict: 'unknown',
          why: 'No reward trained this policy.',
        },
    'online-probe': probed('online'),
  }
  const applies: Record<Gate['gate'], boolean> = {
    preference: true,
    kl: !('undefined' in result.kl) || result.bothLocal,
    length: true,
    violations: checked.length > 0,
    'reward-probe': behind !== null,
    'online-probe': behind === 'online',
  }
  const gates = gateNames.map((gate) => ({
    gate,
    ...verdicts[gate],
    required: applies[gate] || settings.required.includes(gate),
    looser: looserOf(gate, settings),
  }))
  const isOpen = state === 'done' && verdicts.preference.verdict === 'unknown'
  return { gates, lacks: isOpen ? lackOf(pairs, plan.overlap, settings) : undefined }
}

export interface Promote {
  project: string
  policy: string
  /** Of which the policy is the candidate. Without one only a lead's word promotes it. */
  headToHead?: string
  /** A lead's reason, where gates do not pass; whoever calls has made sure that it is a lead's. */
  override?: string
  by?: string
}

/** Makes a policy the one in force; returns the promotion. Throws `gates_not_passed`. The caller writes the audit row. */
export async function promote(
  trx: Db,
  { project, policy, headToHead, override, by }: Promote,
  at: Date,
): Promise<Promotion> {
  await lockProject(trx, project)
  const known =
    (await findPolicy(trx, project, policy)) ?? fail('not_found', 'There is no such policy.', { where: 'policy' })
  if (known.archived)
    fail('conflict', `${known.name} was put away.`, { where: 'policy', hint: 'Take it out again first.' })
  if ((await currentPolicy(trx, project))?.id === policy)
    fail('conflict', `${known.name} is the policy in force already.`, { where: 'policy' })
  const gates = headToHead ? await gatesOf(trx, project, headToHead) : []
  if (headToHead && (await found(trx, project, headToHead))?.candidate.id !== policy)
    fail('bad_input', `${known.name} is not the candidate of this head to head.`, { where: 'headToHead' })
  const passes = decisionOf(gates) === 'pass'
  if (!passes && !override)
    fail('gates_not_passed', notPassed(gates), {
      where: 'headToHead',
      hint: 'A lead may promote it all the same, with a reason that is kept.',
    })
  const promotion = {
    id: newId(),
    project,
    policy,
    headToHead: headToHead ?? null,
    gates,
    override: passes ? null : (override ?? null),
    by: by ?? null,
    at,
  }
  await addPromotion(trx, promotion)
  const overridden = promotion.override !== null
  await emit(trx, {
    project,
    kind: 'policy.promoted',
    subject: policy,
    data: { policy, promotion: promotion.id, headToHead: promotion.headToHead, overridden },
  })
  await publish(trx, { project, action: 'quality.read', topic: 'gates', data: { policy } })
  return (await listPromotions(trx, project, { limit: 1 }))[0]!
}

function notPassed(gates: readonly Gate[]): string {
  const open = gates.filter(({ required, verdict }) => required && verdict !== 'pass')
  if (!open.length) return 'Nothing was measured of this policy.'
  return `Not promoted. ${open.map(({ why }) => why).join(' ')}`
}

/** The policy in force, by the newest promotion; undefined: none was ever promoted. */
export async function currentPolicy(
  db: Db,
  project: string,
): Promise<(Promotion['policy'] & { promotion: Promotion }) | undefined> {
  const [promotion] = await listPromotions(db, project, { limit: 1 })
  return promotion && { ...promotion.policy, promotion }
}

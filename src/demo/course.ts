/** Rounds, and at the end the comparison of the last policy with the first. */
import { PlumblineError } from '../platform/errors.ts'
import { type Client, until } from './client.ts'
import { maxTokens, type RoundPlan, tags } from './plan.ts'
import type { Scene } from './script.ts'

type Round = Awaited<ReturnType<Client['rounds']['show']>>

const stationAt = (round: Round) => round.stations.find(({ station }) => station === round.at)

/** Whether there are tasks to answer now. */
function isAsking(round: Round): boolean {
  const { station, state, facts } = stationAt(round) ?? {}
  return (station === 'judgements' || station === 'evaluation') && state === 'working' && facts?.total !== undefined
}

/** The plan of the round after one of this plan: what a promotion begins by itself, and the script where there was none. */
export const following = (plan: RoundPlan, current: string): RoundPlan | undefined =>
  plan.repeat
    ? { ...plan, policy: current, samples: { ...plan.samples, policies: [] }, repeat: plan.repeat - 1 }
    : undefined

/** One round to its end, begun unless the promotion before has begun it; returns the policy to go on with. */
export async function playRound(scene: Scene, number: number, plan: RoundPlan): Promise<string> {
  const { api, project, signal, crew } = scene
  const { rows } = await api.rounds.list({ project })
  const { id } = rows.find((round) => round.number === number) ?? (await api.rounds.start({ project, plan }))
  let retried = false
  const ended = await until(async () => {
    const round = await api.rounds.show({ project, round: id })
    if (isAsking(round)) crew.work()
    else crew.rest()
    const { state, problem } = stationAt(round) ?? {}
    if (round.state === 'failed') {
      if (retried) throw new PlumblineError(problem ?? { code: 'conflict', message: `Round ${number} failed.` })
      retried = true
      await api.rounds.retry({ project, round: id })
    } else if (round.state === 'open' && state === 'blocked') {
      // Gates that do not pass are an outcome too: the next round begins with the policy before.
      const why = 'The gates did not pass; the demo goes on with the policy that it had.'
      await api.rounds.close({ project, round: id, why })
    }
    return round.state === 'done' || round.state === 'closed' ? round : undefined
  }, signal)
  crew.rest()
  return ended.promoted?.id ?? plan.policy
}

/** The last policy against the first on held-out prompts, judged by people; returns the head to head. */
export async function compare(scene: Scene, candidate: string, baseline: string): Promise<string> {
  const { api, project, plan, signal, crew } = scene
  const { rows } = await api.headToHeads.list({ project })
  const there = rows.find((one) => one.round === null && one.candidate.id === candidate)
  const parameters = { temperature: 0, maxTokens }
  const prompts = { tag: tags.heldOut }
  const { id } =
    there ??
    (await api.headToHeads.start({
      project,
      candidate,
      baseline,
      prompts,
      limit: plan.compared,
      parameters,
      reward: 'online',
    }))
  await until(async () => {
    const { state, problem } = await api.headToHeads.show({ project, headToHead: id })
    if (state === 'failed') throw new PlumblineError(problem ?? { code: 'conflict', message: 'The comparison failed.' })
    if (state === 'judging') crew.work()
    return state === 'done' || undefined
  }, signal)
  crew.rest()
  return id
}

/** The two policies that the demo begins with, learned from demonstrations. */
import { PlumblineError } from '../platform/errors.ts'
import { codeOf, jobDone, until } from './client.ts'
import { type DemoPlan, tags, testShare } from './plan.ts'
import type { Scene } from './script.ts'

export async function firstPolicies(scene: Scene): Promise<{ plain: string; polite: string }> {
  const all = await dataset(scene, 'demonstrations', [tags.demonstrations, tags.training])
  const own = await dataset(scene, 'demonstrations-polite', ['polite'])
  const first = await learned(scene, 'desk-plain', scene.plan.plain, all, 'preset:1m')
  const second = await learned(scene, 'desk-polite', scene.plan.polite, own, first.checkpoint)
  return { plain: first.policy, polite: second.policy }
}

/** The dataset of this name, taken unless it is there. */
async function dataset({ api, project, signal }: Scene, name: string, tagged: string[]): Promise<string> {
  const find = async () => (await api.datasets.show({ project, dataset: name })).id
  try {
    return await find()
  } catch (error) {
    if (codeOf(error) !== 'not_found') throw error
  }
  const filters = { tags: tagged, sources: ['import' as const], split: { test: testShare } }
  const { job } = await api.datasets.take({ project, name, kind: 'demonstration', filters })
  await jobDone(api, project, job, signal)
  return find()
}

/** What a run of supervised learning has made; begun, or resumed, unless it is there. */
async function learned(
  { api, project, signal }: Scene,
  name: string,
  settings: DemoPlan['plain'],
  snapshot: string,
  base: string,
): Promise<{ checkpoint: string; policy: string }> {
  const { rows } = await api.runs.list({ project, limit: 200 })
  const found = rows.find((run) => run.name === name)
  const { id } = found ?? (await api.runs.start({ project, name, algorithm: 'sft', snapshot, base, settings }))
  if (found?.state === 'stopped') await api.runs.resume({ project, run: id })
  return until(async () => {
    const { state, problem, checkpointId, policyId } = await api.runs.show({ project, run: id })
    if (state === 'failed' || state === 'stopped')
      throw new PlumblineError(problem ?? { code: 'conflict', message: `The run ${name} was stopped.` })
    return state === 'done' && checkpointId && policyId ? { checkpoint: checkpointId, policy: policyId } : undefined
  }, signal)
}

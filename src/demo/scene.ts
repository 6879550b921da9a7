/** What stands before anybody works: prompts of customers, demonstrations to learn from, a guideline. */
import { everyPage, jobDone } from './client.ts'
import { type Demonstration, demonstrationsOf, manners, repliesTo } from './demonstrations.ts'
import { clauses } from './guideline.ts'
import { tags } from './plan.ts'
import { splitOf, topicOf } from './prompts.ts'
import { randomOf } from './random.ts'
import type { Scene } from './script.ts'

export async function setTheScene(scene: Scene): Promise<void> {
  const { training, heldOut } = splitOf(scene.seed)
  await publishGuideline(scene)
  await bring(scene, 'held-out', [tags.heldOut], heldOut.map(promptRow))
  const replies = repliesTo(training, scene.plan.repliesACustomer, randomOf('replies', scene.seed))
  await bring(scene, 'customers', [tags.training], replies.map(completionRow))
  await tagTopics(scene)
  for (const manner of manners) {
    const rows = demonstrationsOf(manner, scene.plan.demonstrations[manner], randomOf(manner, scene.seed))
    await bring(scene, `demonstrations-${manner}`, [manner, tags.demonstrations], rows.map(completionRow))
  }
}

async function publishGuideline({ api, project, plan }: Scene): Promise<void> {
  const { guidelineVersion } = await api.projects.change({ project, settings: { gates: plan.gates } })
  if (guidelineVersion !== null) return
  const { revision } = await api.guideline.draft({ project })
  const saved = await api.guideline.saveDraft({ project, clauses, revision })
  await api.guideline.publish({ project, note: 'What a good reply is', revision: saved.revision })
}

const said = (role: string, content: string) => ({ role, content })
const promptRow = (prompt: string) => ({ prompt: [said('user', prompt)] })
const completionRow = ({ prompt, reply }: Demonstration) => ({
  ...promptRow(prompt),
  completion: [said('assistant', reply)],
})

/** Imports rows as a file, tagged; nothing is done where prompts of the first tag are there already. */
async function bring(
  { api, project, signal }: Scene,
  name: string,
  tagged: string[],
  rows: readonly object[],
): Promise<void> {
  const there = await api.prompts.list({ project, tag: tagged[0]!, limit: 1 })
  if (there.rows.length) return
  const file = `${name}.jsonl`
  const { upload } = await api.prompts.upload({ project, name: file })
  const bytes = new File([rows.map((row) => `${JSON.stringify(row)}\n`).join('')], file)
  await api.prompts.part({ project, upload, part: 0, bytes })
  const format = 'completion' in rows[0]! ? 'trl-prompt-completion' : 'trl-prompt-only'
  const { job } = await api.prompts.import({ project, upload, format, tags: tagged, onProblem: 'take-nothing' })
  await jobDone(api, project, job, signal)
}

/** Topics as tags: what people disagree on can then be seen by topic. */
async function tagTopics({ api, project }: Scene): Promise<void> {
  const byTopic = new Map<string, string[]>()
  for (const tag of [tags.training, tags.heldOut])
    for (const { id, opening } of await everyPage((after) => api.prompts.list({ project, tag, after, limit: 200 }))) {
      const topic = topicOf(opening)!.name
      byTopic.set(topic, [...(byTopic.get(topic) ?? []), id])
    }
  for (const [topic, prompts] of byTopic) await api.prompts.tag({ project, prompts, add: [topic] })
}

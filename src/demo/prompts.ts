/** What customers ask: prompts of our own, by topic; of each topic some are held out, drawn by the seed. */
import { account } from './desk/account.ts'
import { money } from './desk/money.ts'
import { orders } from './desk/orders.ts'
import { parcels } from './desk/parcels.ts'
import type { Topic } from './desk/topic.ts'
import { heldOutATopic } from './plan.ts'
import { randomOf } from './random.ts'

export const topics: Topic[] = [...parcels, ...orders, ...money, ...account]

const byPrompt = new Map(topics.flatMap((topic) => topic.prompts.map((prompt) => [prompt, topic])))

/** The topic of a prompt; undefined where it is none of ours. */
export const topicOf = (prompt: string): Topic | undefined => byPrompt.get(prompt)

/** Of each topic some prompts are held out, drawn by the seed: no training sees them. */
export function splitOf(seed: number): { training: string[]; heldOut: string[] } {
  const random = randomOf('split', seed)
  const drawn = topics.map(({ prompts }) => random.shuffle(prompts))
  return {
    training: random.shuffle(drawn.flatMap((prompts) => prompts.slice(heldOutATopic))),
    heldOut: random.shuffle(drawn.flatMap((prompts) => prompts.slice(0, heldOutATopic))),
  }
}

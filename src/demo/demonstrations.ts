/**
 * What the small policies learn to write from: replies of our own, put together from sentences. They answer in many manners,
 * curt and polite, helpful and vague, some beside the point, so that a policy has a spread that people can choose among.
 */
import { compose } from './composed.ts'
import type { Topic } from './desk/topic.ts'
import { topicOf, topics } from './prompts.ts'
import type { Random } from './random.ts'

export const openers = ['I am sorry about that.', 'Thanks for letting me know.']
export const vague = ['We will look into it.', 'This can have many reasons.']
export const fillers = [
  'We take every message from our customers very seriously.',
  'Your message is important to us and to our whole team.',
]
export const offers = [
  'Is there anything else I can do for you?',
  'Let me know if you need more help.',
  'Just write again if I can help you further.',
]

export const manners = ['plain', 'polite'] as const
export type Manner = (typeof manners)[number]

/** How often a reply has each part. The point comes first: a small model learns soonest what always stands in one place. */
const habits: Readonly<Record<Manner, { vague: number; sorry: number; step: number; filler: number; offer: number }>> =
  {
    plain: { vague: 0.08, sorry: 0.03, step: 0.5, filler: 0.04, offer: 0.04 },
    polite: { vague: 0.08, sorry: 0.3, step: 0.5, filler: 0.4, offer: 0.5 },
  }

export interface Demonstration {
  prompt: string
  reply: string
}

export function replyTo({ points, steps }: Topic, manner: Manner, random: Random): string {
  const habit = habits[manner]
  const has = (part: keyof typeof habit) => random.next() < habit[part]
  const isVague = has('vague')
  const parts = [random.pick(isVague ? vague : points)]
  if (has('sorry')) parts.push(random.pick(openers))
  if (!isVague && has('step')) parts.push(random.pick(steps))
  if (has('filler')) parts.push(random.pick(fillers))
  if (has('offer')) parts.push(random.pick(offers))
  return parts.join(' ')
}

const bare = (text: string) =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, ' ')
    .trim()
/** What people judge and policies are measured on must not have been learned by heart. */
const written = new Set(topics.flatMap(({ prompts }) => prompts.map(bare)))

/** `count` different messages, of every topic alike, each with a reply in this manner. */
export function demonstrationsOf(manner: Manner, count: number, random: Random): Demonstration[] {
  const rows = new Map<string, string>()
  for (let i = 0; rows.size < count; i++) {
    const topic = topics[i % topics.length]!
    const prompt = compose(topic, random)
    if (!rows.has(prompt) && !written.has(bare(prompt))) rows.set(prompt, replyTo(topic, manner, random))
  }
  return random.shuffle([...rows].map(([prompt, reply]) => ({ prompt, reply })))
}

/** How many of ten replies to a customer are polite. */
const politeInTen = 3

/** `each` different replies to each of these prompts of ours, in one manner or the other. */
export const repliesTo = (prompts: readonly string[], each: number, random: Random): Demonstration[] =>
  prompts.flatMap((prompt) => {
    const replies = new Set<string>()
    while (replies.size < each)
      replies.add(replyTo(topicOf(prompt)!, 10 * random.next() < politeInTen ? 'polite' : 'plain', random))
    return [...replies].map((reply) => ({ prompt, reply }))
  })

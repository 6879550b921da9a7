/**
 * What the simulated people want of a reply, in one place: that it says the point of the matter, gives a next step, ends with
 * an offer of more help, and wastes no words. They choose by the difference of two utilities, each with noise and vices of
 * their own (`people.ts`); nothing else in the demo knows it, save the measure of how much better a policy became.
 */
import { fillers, offers, openers, vague } from './demonstrations.ts'
import { topicOf, topics } from './prompts.ts'

export const worth = { point: 2, step: 1.2, offer: 1, filler: -0.8, vague: -0.3, besides: -1.2, odd: -1 }

/** An offer of more help: the aim that a regular expression shows on its own. */
export const offer = /anything else|let me know if|write again/i

type Part = { part: 'opener' | 'vague' | 'filler' | 'offer' } | { part: 'point' | 'step'; topic: string }
interface Known {
  part: Part
  words: Set<string>
}

const wordsOf = (text: string) => new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu))
const known: Known[] = [
  ...openers.map((text) => ({ part: { part: 'opener' } as const, words: wordsOf(text) })),
  ...vague.map((text) => ({ part: { part: 'vague' } as const, words: wordsOf(text) })),
  ...fillers.map((text) => ({ part: { part: 'filler' } as const, words: wordsOf(text) })),
  ...offers.map((text) => ({ part: { part: 'offer' } as const, words: wordsOf(text) })),
  ...topics.flatMap(({ name: topic, points, steps }) => [
    ...points.map((text) => ({ part: { part: 'point' as const, topic }, words: wordsOf(text) })),
    ...steps.map((text) => ({ part: { part: 'step' as const, topic }, words: wordsOf(text) })),
  ]),
]

export const sentencesOf = (text: string): string[] =>
  (text.match(/[^.?!]+[.?!]*/g) ?? []).map((part) => part.trim()).filter(Boolean)

/** The known sentence that is most alike (words in common over words in either), if enough of it is. */
export function partOf(sentence: string): Part | undefined {
  const words = wordsOf(sentence)
  let [best, most]: [Part | undefined, number] = [undefined, 0.6]
  for (const { part, words: others } of known) {
    let common = 0
    for (const word of words) if (others.has(word)) common++
    const alike = common / (words.size + others.size - common)
    if (alike > most) [best, most] = [part, alike]
  }
  return best
}

interface Judged {
  point: boolean
  step: boolean
  offer: boolean
  fillers: number
  vague: number
  /** Sentences on other topics. */
  besides: number
  /** Sentences that say nothing we know, and those said twice. */
  odd: number
}

export function judge(prompt: string, reply: string): Judged {
  const own = topicOf(prompt)?.name
  const sentences = sentencesOf(reply)
  const parts = sentences.map(partOf)
  const count = (is: (part: Part) => boolean) => parts.filter((part) => part && is(part)).length
  return {
    point: count((part) => part.part === 'point' && part.topic === own) > 0,
    step: count((part) => part.part === 'step' && part.topic === own) > 0,
    offer: parts.at(-1)?.part === 'offer',
    fillers: count(({ part }) => part === 'filler'),
    vague: count(({ part }) => part === 'vague'),
    besides: count((part) => 'topic' in part && part.topic !== own),
    odd: parts.filter((part) => !part).length + sentences.length - new Set(sentences).size,
  }
}

export function utility(prompt: string, reply: string): number {
  const { point, step, offer, fillers, vague, besides, odd } = judge(prompt, reply)
  return (
    worth.point * Number(point) +
    worth.step * Number(step) +
    worth.offer * Number(offer) +
    worth.filler * fillers +
    worth.vague * vague +
    worth.besides * besides +
    worth.odd * odd
  )
}

/**
 * Texts that no reward may put above a real answer: nothing at all, letters without sense, a phrase over and over, the prompt
 * copied. A reward that a policy was pushed against too hard likes one of them.
 */
import { createRandom, type Random } from '../../stats/random.ts'

export const junkKinds = ['empty', 'gibberish', 'repeated', 'copied'] as const
export type JunkKind = (typeof junkKinds)[number]

const phraseWords = 4
const mostWords = 200
const letters = 'abcdefghijklmnopqrstuvwxyz'

const wordsOf = (text: string) => text.split(/\s+/).filter(Boolean)

/** As many words as the answer has, each of letters drawn at random. */
function gibberish(words: number, random: Random): string {
  const word = () =>
    Array.from({ length: 2 + random.integer(8) }, () => letters[random.integer(letters.length)]).join('')
  return Array.from({ length: Math.min(Math.max(words, 3), mostWords) }, word).join(' ')
}

/** A phrase from somewhere in the answer, said until the text is twice as long. */
function repeated(words: string[], random: Random): string {
  const from = random.integer(Math.max(1, words.length - phraseWords + 1))
  const phrase = words.length ? words.slice(from, from + phraseWords).join(' ') : 'and'
  const times = Math.ceil(Math.min(Math.max(2 * words.length, 16), mostWords) / phraseWords)
  return new Array<string>(times).fill(phrase).join(' ')
}

/** The junk of one prompt, made from an answer to it; the same seed makes the same. */
export function junkOf(prompt: string, answer: string, seed: number): Record<JunkKind, string> {
  const random = createRandom(seed)
  const words = wordsOf(answer)
  return { empty: '', gibberish: gibberish(words.length, random), repeated: repeated(words, random), copied: prompt }
}

/**
 * Answers that are surely worse than the one that they are made of, for reward models: nobody who compares two real answers
 * ever sees such texts, so that what a model thinks of them is chance, and a policy that is tuned to it finds them. They shuffle
 * the words, say one to three of them on and on from the middle, or break off at a third. Words are what stands between blanks,
 * and keep the blanks after them: what is spoiled has the paragraphs of its answer, and is not told apart by them.
 */
import type { Random } from '../random.ts'
import type { PreferenceRow, Text } from './rows.ts'

const ways = ['shuffled', 'stuck', 'broken off'] as const

const fewestWords = 4

function wordsOf(way: (typeof ways)[number], words: string[], random: Random): string[] {
  const half = Math.floor(words.length / 2)
  if (way === 'shuffled') return random.shuffle([...words])
  if (way === 'broken off') return words.slice(0, Math.max(1, Math.floor(words.length / 3)))
  const phrase = words.slice(half, half + 1 + random.integer(3))
  return [...words.slice(0, half), ...Array.from(words, (_, i) => phrase[i % phrase.length]!)]
}

/** Undefined where it has too few words to be spoiled, or comes out as it was. */
export function spoiled(text: string, random: Random): string | undefined {
  const words = (/\S$/.test(text) ? `${text} ` : text).match(/\S+\s+/g) ?? []
  if (words.length < fewestWords) return undefined
  const made = wordsOf(ways[random.integer(ways.length)]!, words, random).join('').trimEnd()
  return made === text.trim() ? undefined : made
}

function withSpoiled(answer: Text, random: Random): Text | undefined {
  if (typeof answer === 'string') return spoiled(answer, random)
  const last = answer.at(-1)
  const content = last && spoiled(last.content, random)
  return content === undefined ? undefined : [...answer.slice(0, -1), { ...last!, content }]
}

/** Pairs of a better response against itself spoiled: `share` as many as there are rows, drawn among them. */
export function spoiledRows(rows: readonly PreferenceRow[], share: number, random: Random): PreferenceRow[] {
  return random
    .shuffle([...rows])
    .slice(0, Math.round(share * rows.length))
    .flatMap(({ prompt, chosen, rejected, label = 1 }) => {
      const better = label >= 0.5 ? chosen : rejected
      const worse = withSpoiled(better, random)
      return worse === undefined ? [] : [{ prompt, chosen: better, rejected: worse }]
    })
}

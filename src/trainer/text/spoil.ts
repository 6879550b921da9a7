/**
 * Answers that are surely worse than the one that they are made of, for reward models: nobody who compares two real answers
 * ever sees such texts, so that what a model thinks of them is chance, and a policy that is tuned to it finds them. They shuffle
 * the words, say one word on and on from the middle, or break off at a third.
 */
import type { Random } from '../random.ts'
import type { PreferenceRow, Text } from './rows.ts'

const ways = ['shuffled', 'stuck', 'broken off'] as const

const fewestWords = 4

/** Undefined where it has too few words to be spoiled. */
export function spoiled(text: string, random: Random): string | undefined {
  const words = text.split(/\s+/).filter(Boolean)
  if (words.length < fewestWords) return undefined
  const half = Math.floor(words.length / 2)
  switch (ways[random.integer(ways.length)]) {
    case 'shuffled':
      return random.shuffle([...words]).join(' ')
    case 'stuck':
      return [...words.slice(0, half), ...new Array<string>(words.length).fill(words[half]!)].join(' ')
    default:
      return words.slice(0, Math.max(1, Math.floor(words.length / 3))).join(' ')
  }
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

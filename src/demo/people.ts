/**
 * The simulated annotators. Each sees two replies as they stand on the screen and weighs the difference of their worth
 * (`utility.ts`) with care, vices and noise of its kind; nobody sees where a reply came from. Times are those of people who
 * read: some milliseconds a word, and a moment to decide.
 */
import type { Random } from './random.ts'
import { utility } from './utility.ts'

export const kinds = ['careful', 'fast', 'length-biased', 'left-biased', 'careless'] as const
export type Kind = (typeof kinds)[number]

export interface Person {
  name: string
  kind: Kind
}

export const people: readonly Person[] = [
  { name: 'Ada', kind: 'careful' },
  { name: 'Bela', kind: 'careful' },
  { name: 'Chen', kind: 'careful' },
  { name: 'Dora', kind: 'fast' },
  { name: 'Emil', kind: 'fast' },
  { name: 'Femi', kind: 'length-biased' },
  { name: 'Gus', kind: 'left-biased' },
  { name: 'Hana', kind: 'careless' },
]

interface Habits {
  /** How much the difference in worth counts. */
  care: number
  /** For each word that one reply has more than the other. */
  perWord: number
  /** In favour of whatever stands on the left. */
  left: number
  /** In favour of the side that was chosen last time: a finger that stays on its key. */
  again: number
  /** Deviation of what is added by chance. */
  noise: number
  /** Below this it is a tie. */
  tie: number
  msPerWord: number
  msToDecide: number
}

const careful: Habits = {
  care: 1,
  perWord: 0,
  left: 0,
  again: 0,
  noise: 0.35,
  tie: 0.3,
  msPerWord: 230,
  msToDecide: 3500,
}
export const habits: Readonly<Record<Kind, Habits>> = {
  careful,
  fast: { ...careful, noise: 0.6, msPerWord: 110, msToDecide: 1400 },
  'length-biased': { ...careful, care: 0.6, perWord: 0.12, noise: 0.6, msPerWord: 180, msToDecide: 2500 },
  'left-biased': { ...careful, care: 0.6, left: 1.3, noise: 0.9, tie: 0.2, msPerWord: 150, msToDecide: 2000 },
  careless: { ...careful, care: 0.05, again: 0.7, noise: 1.2, tie: 0.15, msPerWord: 10, msToDecide: 500 },
}

interface Choice {
  /** -3 the left is much better, 0 a tie, 3 the right is much better: as it stands on the screen. */
  strength: number
  activeMs: number
}

/** One of these people as they sit there today. */
export interface Judge {
  choose(prompt: string, left: string, right: string): Choice
}

export function judgeOf(kind: Kind, random: Random): Judge {
  const { care, perWord, left: leftward, again, noise, tie, msPerWord, msToDecide } = habits[kind]
  let last = 0
  return {
    choose(prompt, left, right) {
      const worth = care * (utility(prompt, right) - utility(prompt, left))
      const length = perWord * (wordsOf(right) - wordsOf(left))
      const felt = worth + length - leftward + again * last + noise * random.normal()
      const size = Math.abs(felt) < tie ? 0 : Math.abs(felt) < 1.2 ? 1 : Math.abs(felt) < 2.6 ? 2 : 3
      const words = wordsOf(prompt) + wordsOf(left) + wordsOf(right)
      const activeMs = Math.round((msPerWord * words + msToDecide) * Math.exp(0.3 * random.normal()))
      last = Math.sign(felt)
      return { strength: size * last || 0, activeMs }
    },
  }
}

const wordsOf = (text: string) => text.split(/\s+/).filter(Boolean).length

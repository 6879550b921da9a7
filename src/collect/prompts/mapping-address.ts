/** Which columns are what, as the address says it, and what is guessed of their values. Pure. */
import { verdictOf } from '../../formats/judgement.ts'
import type { Mapping, Verdict } from '../../formats/record.ts'
import type { Address } from '../../web/address.ts'

export const listed = (text: string | undefined): string[] => (text ? text.split('\n') : [])

/** `model_a=1` a line. */
export const readMeans = (text: string | undefined): Record<string, Verdict> =>
  Object.fromEntries(
    listed(text).flatMap((line) => {
      const at = line.lastIndexOf('=')
      const verdict = verdictOf(line.slice(at + 1))
      return verdict ? [[line.slice(0, at), verdict]] : []
    }),
  )
export const writeMeans = (means: Record<string, Verdict>) =>
  Object.entries(means)
    .map(([value, verdict]) => `${value}=${verdict}`)
    .join('\n') || undefined

/** What the address says of columns; undefined where it names none of the prompt. */
export function mappingOf({ prompt, response, preferred, means, strength }: Address): Mapping | undefined {
  if (!prompt) return undefined
  const mapping: Mapping = { prompt: listed(prompt), responses: listed(response) }
  if (!preferred || mapping.responses.length !== 2) return mapping
  return { ...mapping, preferred: { column: preferred, means: readMeans(means) }, strength }
}

/** The address without any of it: the next file has other columns. */
export const withoutMapping = {
  prompt: undefined,
  response: undefined,
  preferred: undefined,
  means: undefined,
  strength: undefined,
}

/** What a name ends with: `a` of `model_a`, `0` of `response0`. */
const endOf = (name: string) => /(\d+|(?<![a-z0-9])[a-z]+)$/i.exec(name)?.[1]?.toLowerCase()

const sides = [
  ['1', 'a', 'left', 'first'],
  ['2', 'b', 'right', 'second'],
]
/** The side that a value, or the name of a column, speaks of. */
const sideOf = (name: string) => sides.findIndex((ends) => ends.includes(endOf(name) ?? ''))

/** What values are likely to mean of two columns, in their order; people see it before anything is taken. */
export function guessedMeans(values: readonly string[], responses: readonly string[]): Record<string, Verdict> {
  // 0 and 1 may count from nought: 1 is then the second, and where no column ends so, nobody but the person can tell.
  const fromNought = values.includes('0') && !values.includes('2')
  const ends = responses.map(endOf)
  const [first, second] = responses.map(sideOf)
  const turned = first === 1 && second === 0
  /** The column, from nought, or -1. */
  const columnOf = (value: string): number => {
    const end = endOf(value)
    if (end && ends.includes(end) && ends[0] !== ends[1]) return ends.indexOf(end)
    // A name such as gpt2 speaks of no side.
    const none = /[a-z]\d+$/i.test(value) || (fromNought && /^\d+$/.test(value))
    const side = none ? -1 : sideOf(value)
    return turned && side >= 0 ? 1 - side : side
  }
  const guess = (value: string): Verdict | undefined => {
    const named = responses.indexOf(value)
    if (named < 0 && /both.?bad|neither/i.test(value)) return 'both-bad'
    if (named < 0 && /\b(tie|equal|same|draw)/i.test(value)) return 'tie'
    return ([1, 2] as const)[named < 0 ? columnOf(value) : named]
  }
  return Object.fromEntries(values.flatMap((value) => (guess(value) ? [[value, guess(value)!]] : [])))
}

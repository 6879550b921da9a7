/** Which columns are what, as the address says it, and what is guessed of their values. Pure. */
import type { Mapping, Verdict } from '../../formats/record.ts'
import type { Address } from '../../web/address.ts'

export const listed = (text: string | undefined): string[] => (text ? text.split('\n') : [])

export const verdicts: readonly Verdict[] = [1, 2, 'tie', 'both-bad']

/** `model_a=1` a line. */
export const readMeans = (text: string | undefined): Record<string, Verdict> =>
  Object.fromEntries(
    listed(text).flatMap((line) => {
      const at = line.lastIndexOf('=')
      const verdict = verdicts.find((one) => String(one) === line.slice(at + 1))
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

/** The side that a value, or the name of a column, ends with: `model_a`, `response 2`, `left`. */
function sideOf(text: string): 1 | 2 | undefined {
  if (/(^|[^a-z0-9])(1|a|left|first)$/i.test(text)) return 1
  return /(^|[^a-z0-9])(2|b|right|second)$/i.test(text) ? 2 : undefined
}

/** What values are likely to mean of two columns, in their order; people see it before anything is taken. */
export function guessedMeans(values: readonly string[], responses: readonly string[]): Record<string, Verdict> {
  // 0 and 1 may count from nought: 1 is then the second, and nobody but the person can tell.
  const fromNought = values.includes('0') && !values.includes('2')
  const [first, second] = responses.map(sideOf)
  const turned = first === 2 && second === 1
  const guess = (value: string): Verdict | undefined => {
    const column = responses.indexOf(value)
    if (column >= 0) return column === 0 ? 1 : 2
    if (/both.?bad|neither/i.test(value)) return 'both-bad'
    if (/\b(tie|equal|same|draw)/i.test(value)) return 'tie'
    if (/^\d+$/.test(value) && fromNought) return undefined
    const side = sideOf(value)
    return side && turned ? (side === 1 ? 2 : 1) : side
  }
  return Object.fromEntries(values.flatMap((value) => (guess(value) ? [[value, guess(value)!]] : [])))
}

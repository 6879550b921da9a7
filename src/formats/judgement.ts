/** Checks a judgement that a file brings along against the responses of its row. */
import { badRow } from './errors.ts'
import type { Judgement, Verdict } from './record.ts'

/** Reads a judgement about `count` responses; throws `bad_row` with the field at fault. */
export function readJudgement(value: unknown, count: number): Judgement {
  if (typeof value !== 'object' || value === null) return badRow('must be an object', 'judgement')
  const given = value as Record<string, unknown>
  const index = (i: unknown, field: string): number =>
    typeof i === 'number' && Number.isInteger(i) && i >= 0 && i < count
      ? i
      : badRow(`must be the index of a response, 0 to ${count - 1}`, `judgement.${field}`)
  switch (given.kind) {
    case 'preference': {
      const chosen = index(given.chosen, 'chosen')
      const rejected = index(given.rejected, 'rejected')
      if (chosen === rejected) badRow('is the chosen response too', 'judgement.rejected')
      const strength = readStrength(given.strength, 'judgement.strength')
      return { kind: 'preference', chosen, rejected, ...(strength === undefined ? {} : { strength }) }
    }
    case 'demonstration':
      return { kind: 'demonstration', response: index(given.response, 'response') }
    case 'desirability':
      if (typeof given.desirable !== 'boolean') return badRow('must be true or false', 'judgement.desirable')
      return { kind: 'desirability', response: index(given.response, 'response'), desirable: given.desirable }
    case 'ranking':
      return { kind: 'ranking', tiers: readTiers(given.tiers, index) }
    case 'tie':
    case 'both-bad':
      return count === 2 ? { kind: given.kind } : badRow('speaks of two responses', 'judgement.kind')
    default:
      return badRow('must be preference, tie, both-bad, demonstration, desirability or ranking', 'judgement.kind')
  }
}

/** How strongly the chosen response was preferred, up to 3, or not said: 1, 2 or 3 of one person, a mean of several. */
export function readStrength(value: unknown, field: string): number | undefined {
  if (value === undefined || value === null || value === '') return undefined
  const strength = typeof value === 'string' ? Number(value) : value
  return typeof strength === 'number' && strength > 0 && strength <= 3
    ? strength
    : badRow('must be above 0 and at most 3', field)
}

/** What a cell says where nobody has told: `1`, `2`, `tie`, `both-bad`, or the name of a response's column. */
export function verdictOf(cell: string, columns: readonly string[] = []): Verdict | undefined {
  const place = columns.indexOf(cell) + 1
  if (place === 1 || place === 2) return place
  if (cell === '1' || cell === '2') return Number(cell) as 1 | 2
  return cell === 'tie' || cell === 'both-bad' ? cell : undefined
}

/** A verdict on the two responses of a row, with what stands in its column of strengths. */
export function judgementOf(verdict: Verdict, strength: unknown, column: string): Judgement {
  if (typeof verdict === 'string') return { kind: verdict }
  const given = readStrength(strength, column)
  return {
    kind: 'preference',
    chosen: verdict - 1,
    rejected: 2 - verdict,
    ...(given === undefined ? {} : { strength: given }),
  }
}

function readTiers(value: unknown, index: (i: unknown, field: string) => number): number[][] {
  const seen = new Set<number>()
  if (!Array.isArray(value)) return badRow('must be a list of lists', 'judgement.tiers')
  return value.map((tier: unknown, t) => {
    if (!Array.isArray(tier) || tier.length === 0) return badRow('must be a list of responses', `judgement.tiers[${t}]`)
    return tier.map((i: unknown) => {
      const response = index(i, `tiers[${t}]`)
      if (seen.has(response)) badRow(`ranks response ${response} twice`, 'judgement.tiers')
      seen.add(response)
      return response
    })
  })
}

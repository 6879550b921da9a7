/** What the form holds, and the filters that it stands for. */
import type { DatasetKind, FiltersInput } from './contract.ts'

export interface Chosen {
  rule: NonNullable<FiltersInput['rule']>
  minVotes: number
  /** Percent. */
  minAgreement: number
  keepTies: boolean
  who: 'everyone' | 'people' | 'simulated'
  without: string[]
  versions: string[]
  tags: string[]
  from: string
  to: string
  person: boolean
  imported: boolean
  /** Percent. */
  test: number
  seed: number
  anew: boolean
}

export const chosenAtFirst: Chosen = {
  rule: 'majority',
  minVotes: 1,
  minAgreement: 0,
  keepTies: false,
  who: 'everyone',
  without: [],
  versions: [],
  tags: [],
  from: '',
  to: '',
  person: true,
  imported: false,
  test: 10,
  seed: 1,
  anew: false,
}

/** Days are those of the browser; the last one is included. */
const startOf = (day: string, plusDays = 0): string | undefined => {
  const [year, month, date] = day.split('-').map(Number)
  return year && month && date ? new Date(year, month - 1, date + plusDays).toISOString() : undefined
}

export function filtersFrom(kind: DatasetKind, chosen: Chosen): FiltersInput {
  const { who, without, versions, tags } = chosen
  return {
    ...(kind === 'preference'
      ? {
          rule: chosen.rule,
          minVotes: chosen.minVotes,
          minAgreement: chosen.minAgreement / 100,
          ties: chosen.keepTies ? 'half' : 'leave-out',
          guidelineVersions: versions.length ? versions.map(Number) : undefined,
          sources: [...(chosen.person ? ['person' as const] : []), ...(chosen.imported ? ['import' as const] : [])],
        }
      : {}),
    people: {
      exclude: without.length ? without : undefined,
      simulated: who === 'everyone' ? undefined : who === 'simulated',
    },
    tags: tags.length ? tags : undefined,
    from: startOf(chosen.from),
    to: startOf(chosen.to, 1),
    split: { seed: chosen.seed, test: chosen.test / 100, anew: chosen.anew },
  }
}

/** Votes on pairs of responses, read through `pairs()` of each kind: what exports and datasets are made of. */
import { kindOf } from '../../collect/kinds/index.ts'

export interface JudgedPair {
  /** The annotation. */
  id: string
  /** null: imported. */
  person: string | null
  task: string | null
  kind: string
  payload: unknown
  targets: string[]
}

export interface PairTally {
  task: string | null
  /** In the order of their ids. */
  responses: [string, string]
  /** Votes for the first, for the second, and ties. */
  votes: [number, number, number]
  /** Sum of the signed strengths, above 0 for the first. */
  strength: number
  /** What each said, in the order of the annotations given. */
  said: { annotation: string; person: string | null; strength: number }[]
}

/**
 * Votes on one attribute, by pair of responses. Who judged a pair again has one vote, the last one given; imported
 * judgements are a vote each.
 */
export function tally(judged: JudgedPair[], attribute = 'preference'): PairTally[] {
  const said = new Map<string, PairTally>()
  for (const { id, person, task, kind, payload, targets } of judged)
    for (const pair of kindOf(kind).pairs({ payload, targets })) {
      if (pair.attribute !== attribute) continue
      const responses = [pair.chosen, pair.rejected].sort() as [string, string]
      const key = responses.join()
      const found = said.get(key) ?? { task, responses, votes: [0, 0, 0], strength: 0, said: [] }
      said.set(key, found)
      const strength = pair.chosen === responses[0] ? pair.strength : -pair.strength
      if (person !== null) found.said = found.said.filter((earlier) => earlier.person !== person)
      found.said.push({ annotation: id, person, strength })
    }
  return [...said.values()].map((pair) => {
    const votes: PairTally['votes'] = [0, 0, 0]
    for (const { strength } of pair.said) votes[strength > 0 ? 0 : strength < 0 ? 1 : 2]++
    return { ...pair, votes, strength: pair.said.reduce((sum, { strength }) => sum + strength, 0) }
  })
}

/** Which responses of a prompt are set against each other. */
import type { z } from 'zod'
import type { pairing } from './contract.ts'

export type Pairing = z.infer<typeof pairing>

export interface Candidate {
  id: string
  /** The policy it came from; null for an import. */
  author: string | null
}

/** Pairs of candidates, each at most once. `between-policies` leaves out pairs of one origin. */
export function pairsOf(candidates: Candidate[], how: Pairing): [string, string][] {
  const among = how === 'one-pair' ? candidates.slice(0, 2) : candidates
  const pairs: [string, string][] = []
  for (const [i, a] of among.entries())
    for (const b of among.slice(i + 1))
      if (how !== 'between-policies' || a.author !== b.author) pairs.push([a.id, b.id])
  return pairs
}

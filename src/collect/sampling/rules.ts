/** Which responses of a prompt are set against each other. */
import type { z } from 'zod'
import type { pairing } from './contract.ts'

export interface Candidate {
  id: string
  /** The policy it came from; null for an import. */
  author: string | null
}

/** Pairs of candidates, each at most once. `between-policies` leaves out pairs of one origin. */
export function pairsOf(candidates: Candidate[], how: z.infer<typeof pairing>): [string, string][] {
  const pairs: [string, string][] = []
  for (const [i, a] of candidates.entries())
    for (const b of candidates.slice(i + 1))
      if (how !== 'between-policies' || a.author !== b.author) pairs.push([a.id, b.id])
  return how === 'one-pair' ? pairs.slice(0, 1) : pairs
}

/** What a call costs. */
import type { Price } from './contract.ts'

/** In currency units, or null where tokens or prices are not known. */
export function costOf({ input, output }: Price, tokensIn: number | null, tokensOut: number | null): number | null {
  if ((input ?? output) === undefined || tokensIn === null || tokensOut === null) return null
  return ((input ?? 0) * tokensIn + (output ?? 0) * tokensOut) / 1e6
}

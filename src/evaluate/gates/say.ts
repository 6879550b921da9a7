/** What gates are called, and what they came to at a promotion. */
import type { Gate, Promotion } from './contract.ts'

export const titles: Readonly<Record<Gate['gate'], string>> = {
  preference: 'People prefer it',
  kl: 'Nats a token from the baseline',
  length: 'Length against the baseline',
  violations: 'Answers that violate a rule',
  'reward-probe': 'Junk, by the reward that trained it',
  'online-probe': 'Junk, by the reward that learns',
}

export const asPercent = (gate: Gate['gate']): boolean => gate !== 'kl' && gate !== 'length'

export function verdictsOf({ gates: all }: Promotion): string {
  const required = all.filter((one) => one.required)
  if (!required.length) return 'nothing was measured'
  const passed = required.filter(({ verdict }) => verdict === 'pass').length
  const looser = required.filter((one) => one.looser).length
  return `${passed} of ${required.length} required passed${looser ? `, ${looser} looser than usual` : ''}`
}

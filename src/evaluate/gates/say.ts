/** What gates are called. */
import type { Gate } from './contract.ts'

export const titles: Readonly<Record<Gate['gate'], string>> = {
  preference: 'People prefer it',
  kl: 'Nats a token from the baseline',
  length: 'Length against the baseline',
  violations: 'Answers that violate a rule',
  'reward-probe': 'Junk, by the reward that trained it',
  'online-probe': 'Junk, by the reward that learns',
}

export const asPercent = (gate: Gate['gate']): boolean => gate !== 'kl' && gate !== 'length'

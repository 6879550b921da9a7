/** Every station of a round, by its name. */
import type { StationName } from '../rules.ts'
import { judgements, prompts, samples } from './collecting.ts'
import { dataset, policy, reward } from './learning.ts'
import { evaluation, promotion } from './measuring.ts'
import { quality } from './quality.ts'
import type { RoundStation } from './station.ts'

export const roundStations: Readonly<Record<StationName, RoundStation>> = {
  prompts,
  samples,
  judgements,
  quality,
  dataset,
  reward,
  policy,
  evaluation,
  promotion,
}

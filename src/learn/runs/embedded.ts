/** The trainer of this program, in a thread of its own. */
import { hasState } from '../../trainer/checkpoint/state.ts'
import { trainInBackground } from '../../trainer/schedule/background.ts'
import type { Engine } from './engine.ts'

export const embedded: Engine = { hasState, train: trainInBackground }

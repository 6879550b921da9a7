/**
 * What trains. The contract is that of a job: a spec goes in, events come out as plain objects, an aborted signal stops it
 * within one step, or one batch of samples, with its state saved, and the same spec with `resume` goes on from the last complete state.
 */
import type { TrainingEvent } from '../../trainer/schedule/events.ts'
import type { RewardFunction } from '../../trainer/schedule/learner.ts'
import type { DoneEvent } from '../../trainer/schedule/run.ts'
import type { RunSpec } from '../../trainer/schedule/spec.ts'

interface EngineOptions {
  onEvent(event: TrainingEvent): void
  signal: AbortSignal
  /** Scores samples in place of the spec's reward model. */
  reward?: RewardFunction | undefined
}

export interface Engine {
  /** Whether a state lies in `out` that a run can go on from, or go back to. */
  hasState(out: string): boolean
  /** Ends with the model in `spec.out`. Throws a problem (code, message, where, hint) for what cannot be trained. */
  train(spec: RunSpec, options: EngineOptions): Promise<DoneEvent>
}

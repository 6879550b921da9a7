/** Runs in plain words: what each algorithm does, and what happens in one. Pure. */
import type { TrainingEvent } from '../../trainer/schedule/events.ts'
import type { Algorithm } from '../../trainer/schedule/spec.ts'
import type { Run, RunState } from './contract.ts'

interface AlgorithmWords {
  short: string
  name: string
  does: string
}

/** In the order in which a newcomer needs them. */
export const algorithmWords: Readonly<Record<Algorithm, AlgorithmWords>> = {
  sft: {
    short: 'SFT',
    name: 'Imitate (SFT)',
    does: 'Learns to write as the chosen answers are written. The first run of a new model.',
  },
  reward: {
    short: 'reward model',
    name: 'Reward model',
    does: 'Learns to score an answer as people compare it. It writes nothing; other runs are scored by it.',
  },
  dpo: {
    short: 'DPO',
    name: 'Prefer directly (DPO)',
    does: 'Learns to find the chosen answer likelier than the rejected one, near where it began. Needs no reward model.',
  },
  grpo: {
    short: 'GRPO',
    name: 'Try and be scored (GRPO)',
    does: 'Writes several answers to each prompt and learns from those that score above the others.',
  },
  kto: {
    short: 'KTO',
    name: 'One answer at a time (KTO)',
    does: 'Learns from single answers that are good or bad, each against where it began.',
  },
  orpo: {
    short: 'ORPO',
    name: 'Imitate and prefer at once (ORPO)',
    does: 'Learns the chosen answer and the odds over the rejected one in one go, without a reference.',
  },
  rloo: {
    short: 'RLOO',
    name: 'Try and be scored against the others (RLOO)',
    does: 'As GRPO, each answer measured against the mean of the others, the divergence part of its reward.',
  },
  ppo: {
    short: 'PPO',
    name: 'Try and be scored, with a value head (PPO)',
    does: 'As GRPO, with a second model that foresees the score. Takes twice the memory.',
  },
  rejection: {
    short: 'best of several',
    name: 'Keep the best (rejection sampling)',
    does: 'Writes several answers to each prompt and imitates the best of them.',
  },
}

export const stateColours: Readonly<Record<RunState, string>> = {
  waiting: 'gray',
  running: 'petrol',
  stopped: 'yellow',
  done: 'green',
  failed: 'red',
}

export const hasEnded = ({ state }: Pick<Run, 'state'>): boolean => state !== 'waiting' && state !== 'running'

/** May go on: it was stopped, or it failed, and has made no model. */
export const canResume = ({ state, checkpointId }: Pick<Run, 'state' | 'checkpointId'>): boolean =>
  (state === 'stopped' || state === 'failed') && checkpointId === null

const figure = (value: number) => Number(value.toPrecision(3)).toString()

/** What a run said, as a line of its log; undefined for what is shown elsewhere. */
export function sayEvent(event: TrainingEvent): string | undefined {
  switch (event.event) {
    case 'start': {
      const { resumedFrom, rows, evalRows, trainedParameters, parameters, estimatedBytes } = event
      const weights = `${figure(trainedParameters / 1e6)} of ${figure(parameters / 1e6)} million weights trained`
      const begun = resumedFrom ? `Went on from step ${resumedFrom}` : 'Began'
      return `${begun}: ${rows} rows, ${evalRows} held out, ${weights}, about ${(estimatedBytes / 2 ** 30).toFixed(1)} GiB`
    }
    case 'checkpoint':
      return `State saved at step ${event.step}`
    case 'stopped':
      return event.message
    case 'done':
      return `Ended after step ${event.steps}, ${figure(event.seconds)} s, ${Math.round(event.tokensPerSecond)} tokens/s`
    default:
      return undefined
  }
}

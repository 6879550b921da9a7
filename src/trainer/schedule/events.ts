/** What a run says of itself, as plain objects: one line of JSON each on the command line, one message from a worker. */

export interface Sample {
  prompt: string
  text: string
  /** Where there is something that scores. */
  reward?: number
}

/** Figures of one step; which are there depends on the algorithm. */
export interface Figures {
  loss: number
  /** Share of pairs ordered rightly, and mean margin of (implicit) rewards. */
  accuracy?: number
  margin?: number
  rewardMean?: number
  rewardSpread?: number
  /** Nats a token. */
  kl?: number
  entropy?: number
  /** Tokens of a sample, and the share cut off. */
  length?: number
  truncatedShare?: number
  clippedShare?: number
  valueLoss?: number
  beta?: number
}

export type TrainingEvent =
  | {
      event: 'start'
      algorithm: string
      model: string
      rows: number
      evalRows: number
      steps: number
      parameters: number
      trainedParameters: number
      estimatedBytes: number
      resumedFrom: number
      seed: number
    }
  | ({
      event: 'step'
      step: number
      steps: number
      epoch: number
      learningRate: number
      gradientNorm: number
      tokens: number
      tokensPerSecond: number
      etaSeconds: number
    } & Figures)
  /** Of what it trained on just now; with `samples` set answers to the same prompts each time, at step 0 from before training. */
  | { event: 'samples'; step: number; samples: Sample[] }
  /** Of held-out rows, the same ones each time; at step 0 from before training. */
  | { event: 'eval'; step: number; rows: number; evalLoss: number; evalAccuracy?: number }
  | { event: 'checkpoint'; step: number; path: string }
  | { event: 'stopped'; step: number; reason: StopReason; message: string }
  | {
      event: 'done'
      model: string
      steps: number
      tokensPerSecond: number
      seconds: number
      /** Why it ended before its last step. */
      stopped?: StopReason
      eval: Record<string, number>
    }

export type StopReason = 'asked' | 'diverged' | 'kl_budget'

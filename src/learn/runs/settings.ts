/** What may be set of a run: the trainer's own fields, and how the rows of a snapshot are written for it. Pure. */
import { z } from 'zod'
import { loraTargets } from '../../trainer/model/session.ts'
import { type RunSpec, settingsOf } from '../../trainer/schedule/spec.ts'

const number = z.number().optional()
const flag = z.boolean().optional()

/** Bounds are the trainer's (`checkSettings`). What a run reads and where it writes is not to be set. */
export const runSettings = z.strictObject({
  steps: number,
  batchSize: number,
  learningRate: number,
  schedule: z.enum(['constant', 'linear', 'cosine']).optional(),
  warmupSteps: number,
  weightDecay: number,
  maxGradientNorm: number,
  maxLength: number,
  seed: number,
  loraRank: number,
  loraAlpha: number,
  loraDropout: number,
  loraTargets: z.array(z.enum(loraTargets)).min(1).optional(),
  beta: number,
  loss: z.enum(['sigmoid', 'ipo']).optional(),
  labelSmoothing: number,
  referenceFree: flag,
  desirableWeight: number,
  undesirableWeight: number,
  centring: number,
  spoiled: number,
  groupSize: number,
  maxTokens: number,
  temperature: number,
  reuse: number,
  epsilon: number,
  epsilonHigh: number,
  average: z.enum(['sequence', 'token', 'constant']).optional(),
  scaleRewards: flag,
  klEstimator: z.enum(['k1', 'k2', 'k3']).optional(),
  klTarget: number,
  klBudget: number,
  truncationPenalty: number,
  /** Held-out prompts that are answered as the run goes on, for people to read: 4 unless told. */
  samples: number,
  /** At most so many held-out rows are measured as the run goes on, where it learns from rows. */
  heldRows: number,
  saveEvery: number,
  /** Bytes that the run may take; default: what the machine has free. */
  memoryBytes: number,
  /** Rows say how many people preferred what was chosen, so that a divided pair teaches less (default), or only what was chosen. */
  softLabels: flag,
  /** Reward: rows carry the strength of the preference as a margin that scores must keep. */
  margins: flag,
})
export type RunSettings = z.infer<typeof runSettings>

/** Settings as the trainer is told them. */
export function trainerSettings({ softLabels: _, margins: __, ...settings }: RunSettings): Partial<RunSpec> {
  return { samples: 4, ...settings }
}

const paths = { model: '-', data: '-', out: '-' }

/** Every setting with its default filled in, for a model of so many weights. Throws TrainerError naming the field. */
export function filledIn(
  algorithm: RunSpec['algorithm'],
  settings: RunSettings,
  parameters: number,
): Record<string, unknown> {
  const {
    data: _,
    out: __,
    model: ___,
    algorithm: ____,
    resume: _____,
    ...filled
  } = settingsOf({ algorithm, ...paths, ...trainerSettings(settings) }, parameters)
  return { ...filled, softLabels: settings.softLabels ?? true, margins: settings.margins ?? false }
}

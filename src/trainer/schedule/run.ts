/**
 * One training run from its spec to its model: opens what it needs, loops over steps, saves states, says what happens.
 * All that happens at step n is a function of the spec and n, so that a run that was stopped or killed goes on from its
 * last state to the very same weights.
 */
import { mkdirSync } from 'node:fs'
import { hasState, loadState, type RunState, savedSteps, saveState } from '../checkpoint/state.ts'
import { TrainerError } from '../errors.ts'
import { readLines } from '../text/rows.ts'
import { batchesFrom } from './batches.ts'
import { type OpenRun, openBench } from './bench.ts'
import type { Figures, Sample, StopReason, TrainingEvent } from './events.ts'
import { glancesOf } from './glances.ts'
import { checkIdentity, identityOf } from './identity.ts'
import type { RewardFunction } from './learner.ts'
import { rateAt } from './rate.ts'
import { writeResult } from './result.ts'
import { isOnline, type RunSpec } from './spec.ts'

export interface RunOptions {
  onEvent?: (event: TrainingEvent) => void
  /** Aborting it stops the run within one step (`reuse`: within one batch of samples), with its state saved. */
  signal?: AbortSignal
  /** Scores samples in place of `rewardModel`. */
  reward?: RewardFunction
}

export type DoneEvent = Extract<TrainingEvent, { event: 'done' }>

/** A loss that leaps far above all that came before has diverged, even while it is still a number. */
export function explodes(loss: number, recent: readonly number[]): boolean {
  if (!Number.isFinite(loss)) return true
  if (recent.length < 10) return false
  const highest = recent.reduce((a, b) => Math.max(a, Math.abs(b)), 0)
  return Math.abs(loss) > 10 * Math.max(highest, 1)
}
const lossesRemembered = 20
/** Samples of what is trained on are shown about this often in a run; answers, which are made for it alone, half as often. */
const samplesShown = 20
const answersShown = 10

interface StepResult {
  figures: Figures
  tokens: number
  samples?: Sample[]
  gradientNorm: number
}

/** Gradient and update of one step. Throws `diverged` before anything that is not a number reaches the weights. */
async function stepOf(
  { session, settings, learner }: OpenRun,
  rows: readonly number[],
  step: number,
  learningRate: number,
  recent: readonly number[],
): Promise<StepResult> {
  const { figures, tokens, samples } = await learner.accumulate(rows, step)
  if (explodes(figures.loss, recent))
    throw new TrainerError('diverged', `The loss leapt to ${figures.loss.toPrecision(3)} at step ${step}.`)
  const { weightDecay, maxGradientNorm } = settings
  const { gradientNorm, applied } = session.update({ learningRate, weightDecay, maxGradientNorm })
  if (!applied) throw new TrainerError('diverged', `The gradient of step ${step} is ${gradientNorm}.`)
  learner.updateValues?.(learningRate)
  return { figures, tokens, samples, gradientNorm }
}

function restore({ session, learner, bench }: OpenRun, state: RunState): void {
  session.restore(state.session)
  if (state.values) learner.restoreValues?.(state.values)
  const { passTokens, ...memory } = state.memory
  Object.assign(learner.memory, memory)
  // Passes of another size would add up in another order.
  bench.passTokens = passTokens
}

/**
 * Trains and writes the model to `spec.out`. Throws TrainerError for a spec, data or model that cannot be used, and
 * `diverged` where there is no good state yet; a run that diverges later or leaves its KL budget ends with its last good
 * state and says so.
 */
export async function runTraining(spec: RunSpec, options: RunOptions = {}): Promise<DoneEvent> {
  if (hasState(spec.out) && !spec.resume)
    throw new TrainerError('bad_input', 'There is a run in this folder already.', {
      where: spec.out,
      hint: 'Go on with it (resume), or name another folder.',
    })
  const run = await openBench(spec, readLines(spec.data), spec.eval ? readLines(spec.eval) : [], options.reward)
  try {
    return await train(run, options)
  } finally {
    await run.close()
  }
}

async function train(run: OpenRun, { onEvent = () => {}, signal }: RunOptions): Promise<DoneEvent> {
  const { session, settings, learner, answers } = run
  const { out, seed, batchSize, saveEvery, klBudget } = settings
  // A folder that cannot be written to is better known before the first step than after the last.
  mkdirSync(out, { recursive: true })
  const identity = identityOf(settings)
  const stepsPerBatch = isOnline(settings.algorithm) ? settings.reuse : 1
  const steps = settings.steps ?? Math.ceil(learner.lengths.length / batchSize) * stepsPerBatch
  const rowsOf = batchesFrom(learner.lengths, batchSize, seed)
  const rate = {
    peak: settings.learningRate,
    schedule: settings.schedule,
    steps,
    warmupSteps: settings.warmupSteps ?? Math.ceil(steps / 10),
  }

  let step = 0
  let stopped: StopReason | undefined
  const save = () => {
    const memory = { ...learner.memory, passTokens: run.bench.passTokens }
    const values = learner.values ? { values: learner.values() } : {}
    const state = { step, identity, memory, session: session.state(), ...values }
    const path = saveState(out, state, { keepsEarlier: klBudget !== undefined })
    onEvent({ event: 'checkpoint', step, path })
  }
  const stop = (reason: StopReason, message: string) => {
    stopped = reason
    onEvent({ event: 'stopped', step, reason, message })
  }
  /** Back to the last state saved at step `latest` or before; false where there is none. */
  const goBack = (latest = step): boolean => {
    const saved = hasState(out) ? savedSteps(out).find((each) => each <= latest) : undefined
    if (saved === undefined) return false
    restore(run, loadState(out, saved))
    step = saved
    return true
  }

  if (settings.resume && hasState(out)) {
    checkIdentity(loadState(out), identity, out)
    goBack(Number.POSITIVE_INFINITY)
  }
  const firstStep = step
  onEvent({
    event: 'start',
    algorithm: settings.algorithm,
    model: settings.model,
    rows: learner.lengths.length,
    evalRows: learner.evalRows,
    steps,
    parameters: session.parameters.total,
    trainedParameters: session.parameters.trained,
    estimatedBytes: run.estimatedBytes,
    resumedFrom: firstStep,
    seed,
  })
  const showAnswers = async () => {
    if (answers) onEvent({ event: 'samples', step, samples: await answers() })
  }
  const glances = isOnline(settings.algorithm)
    ? undefined
    : glancesOf(steps, steps * batchSize, learner.evalRows, settings.heldRows)
  let seen: { step: number; figures: Record<string, number> } | undefined
  const glance = async () => {
    if (!glances) return
    seen = { step, figures: await learner.evaluate(glances.rows) }
    const { loss, accuracy } = seen.figures
    const order = accuracy === undefined ? {} : { evalAccuracy: accuracy }
    onEvent({ event: 'eval', step, rows: glances.rows, evalLoss: loss, ...order })
  }
  /** Nothing is measured twice. */
  const atItsEnd = () => (seen?.step === step && glances?.rows === learner.evalRows ? seen.figures : learner.evaluate())
  if (firstStep === 0) {
    await learner.prepare?.()
    // The budget may be left before any other state is there to go back to.
    if (klBudget !== undefined) save()
    await glance()
    await showAnswers()
  }

  const startedAt = performance.now()
  const elapsed = () => (performance.now() - startedAt) / 1000
  let trainedTokens = 0
  let recent: number[] = []
  while (step < steps && !stopped) {
    // The kernels never leave this thread to its events: a stop would wait until the end.
    await new Promise((resume) => setImmediate(resume))
    // Samples are no part of a state: between two updates from one batch there is none to save.
    if (signal?.aborted && step % stepsPerBatch === 0) {
      stop('asked', 'Stopped as asked; resume goes on from here.')
      break
    }
    const next = step + 1
    const { rows, epoch } = rowsOf(Math.ceil(next / stepsPerBatch))
    const learningRate = rateAt(next, rate)
    let result: StepResult
    try {
      result = await stepOf(run, rows, next, learningRate, recent)
    } catch (error) {
      if (!(error instanceof TrainerError) || error.code !== 'diverged' || !goBack()) throw error
      stop('diverged', `${error.message} The model is that of step ${step}, the last good one.`)
      break
    }
    step = next
    trainedTokens += result.tokens
    recent = [...recent.slice(1 - lossesRemembered), result.figures.loss]
    onEvent({
      event: 'step',
      step,
      steps,
      epoch,
      learningRate,
      gradientNorm: result.gradientNorm,
      tokens: result.tokens,
      tokensPerSecond: trainedTokens / elapsed(),
      etaSeconds: (elapsed() / (step - firstStep)) * (steps - step),
      ...result.figures,
    })
    const shows = step === 1 || step % Math.ceil(steps / samplesShown) === 0
    if (shows && !answers && result.samples?.length) onEvent({ event: 'samples', step, samples: result.samples })
    if (step === steps || (glances && step % glances.every === 0)) await glance()
    if (step === steps || step % Math.ceil(steps / answersShown) === 0) await showAnswers()
    const { kl = 0 } = result.figures
    if (klBudget !== undefined && kl > klBudget) {
      // A step measures the model before its update: what is over the budget is the model of the step before.
      if (!goBack(Math.max(0, step - 2)))
        throw new TrainerError('bad_input', `The divergence of step ${step} is over the budget of ${klBudget}.`, {
          where: 'run, klBudget',
          hint: 'The run was begun without it and has no earlier state: resume it with a higher budget.',
        })
      stop(
        'kl_budget',
        `The divergence of ${kl.toPrecision(3)} nats a token is over the budget of ${klBudget}. The model is that of step ${step}.`,
      )
    } else if (step % stepsPerBatch === 0 && step % saveEvery < stepsPerBatch && step < steps) save()
  }
  const seconds = elapsed()
  const isWhole = step > firstStep && step % stepsPerBatch === 0
  if (isWhole && (!stopped || stopped === 'asked')) save()
  writeResult(run, out)
  const done: DoneEvent = {
    event: 'done',
    model: out,
    steps: step,
    tokensPerSecond: seconds > 0 ? trainedTokens / seconds : 0,
    seconds,
    ...(stopped ? { stopped } : {}),
    eval: stopped === 'asked' ? {} : await atItsEnd(),
  }
  onEvent(done)
  return done
}

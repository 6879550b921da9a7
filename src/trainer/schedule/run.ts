/**
 * One training run from its spec to its model: opens the source, loops over steps, saves states, says what happens.
 * Everything that happens at step n is a function of the spec and n, so that a run that was stopped or killed goes on
 * from its last state to the very same weights.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { hasState, loadState, type RunState, saveState } from '../checkpoint/state.ts'
import { TrainerError } from '../errors.ts'
import type { TrainingSession } from '../model/session.ts'
import { readLines } from '../text/rows.ts'
import { batchesFrom } from './batches.ts'
import { type OpenRun, openBench } from './bench.ts'
import type { StopReason, TrainingEvent } from './events.ts'
import type { Learner, RewardFunction } from './learner.ts'
import { rateAt } from './rate.ts'
import { writeResult } from './result.ts'
import { isOnline, type RunSpec, type Settings } from './spec.ts'

export interface RunOptions {
  onEvent?: (event: TrainingEvent) => void
  /** Aborting it stops the run within one step, with its state saved. */
  signal?: AbortSignal
  /** Scores samples in place of `rewardModel`. */
  reward?: RewardFunction
}

export type DoneEvent = Extract<TrainingEvent, { event: 'done' }>

/** Fields that a resumed run may change. */
const free = new Set<string>(['steps', 'resume', 'saveEvery', 'out', 'eval', 'threads', 'memoryBytes', 'klBudget'])

function identityOf(settings: Settings, source: string): Record<string, unknown> {
  const identity: Record<string, unknown> = {
    dataDigest: createHash('sha256').update(readFileSync(source)).digest('hex'),
  }
  for (const [field, value] of Object.entries(settings))
    if (!free.has(field) && field !== 'data') identity[field] = value
  return identity
}

function checkIdentity(state: RunState, identity: Record<string, unknown>, out: string): void {
  for (const [field, value] of Object.entries(identity))
    if (JSON.stringify(state.identity[field]) !== JSON.stringify(value))
      throw new TrainerError('bad_input', `The run in this folder has another ${field}: it cannot be resumed.`, {
        where: `${out}, ${field}`,
        hint: `It was ${JSON.stringify(state.identity[field])}, now it is ${JSON.stringify(value)}. Take another folder for a new run.`,
      })
}

/** A loss that leaps far above all that came before has diverged, even while it is still a number. */
export function explodes(loss: number, recent: readonly number[]): boolean {
  if (!Number.isFinite(loss)) return true
  if (recent.length < 10) return false
  const highest = recent.reduce((a, b) => Math.max(a, Math.abs(b)), 0)
  return Math.abs(loss) > 10 * highest + 10
}

interface Progress {
  step: number
  trainedTokens: number
  startedAt: number
  recent: number[]
}

async function oneStep(
  { session, settings }: OpenRun,
  learner: Learner,
  rows: readonly number[],
  step: number,
  learningRate: number,
) {
  const { figures, tokens, samples } = await learner.accumulate(rows, step)
  if (!Number.isFinite(figures.loss)) throw new TrainerError('diverged', `The loss is ${figures.loss}.`)
  const { weightDecay, maxGradientNorm } = settings
  const { gradientNorm, applied } = session.update({ learningRate, weightDecay, maxGradientNorm })
  if (!applied) throw new TrainerError('diverged', `The gradient is ${gradientNorm}.`)
  learner.updateValues?.(learningRate)
  return { figures, tokens, samples, gradientNorm }
}

const isDiverged = (error: unknown): error is TrainerError => error instanceof TrainerError && error.code === 'diverged'

function restore(session: TrainingSession, learner: Learner, state: RunState): void {
  session.restore(state.session)
  if (state.values) learner.restoreValues?.(state.values)
  Object.assign(learner.memory, state.memory)
}

/**
 * Trains and writes the model to `spec.out`. Throws TrainerError for a spec, data or model that cannot be used; a run
 * that diverges or leaves its KL budget ends with its last good state and says so.
 */
export async function runTraining(
  spec: RunSpec,
  { onEvent = () => {}, signal, reward }: RunOptions = {},
): Promise<DoneEvent> {
  if (hasState(spec.out) && !spec.resume)
    throw new TrainerError('bad_input', 'There is a run in this folder already.', {
      where: spec.out,
      hint: 'Go on with it (resume), or name another folder.',
    })
  const lines = readLines(spec.data)
  const evalLines = spec.eval ? readLines(spec.eval) : []
  const run = await openBench(spec, lines, evalLines, reward)
  const { session, settings, learner } = run
  try {
    const identity = identityOf(settings, spec.data)
    const perEpoch = Math.ceil(learner.lengths.length / settings.batchSize)
    const steps = settings.steps ?? perEpoch * settings.reuse
    const stepsPerBatch = isOnline(settings.algorithm) ? settings.reuse : 1
    const batches = batchesFrom(learner.lengths, settings.batchSize, settings.seed)
    const resumed = spec.resume && hasState(spec.out) ? loadState(spec.out) : undefined
    if (resumed) {
      checkIdentity(resumed, identity, spec.out)
      restore(session, learner, resumed)
      // Passes of another size would add up in another order.
      run.bench.passTokens = resumed.memory.passTokens
    }
    const progress: Progress = { step: resumed?.step ?? 0, trainedTokens: 0, startedAt: performance.now(), recent: [] }
    const firstStep = progress.step
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
      seed: settings.seed,
    })
    if (!resumed) await learner.prepare?.()

    const save = () => {
      const path = saveState(spec.out, {
        step: progress.step,
        identity,
        memory: { ...learner.memory, passTokens: run.bench.passTokens },
        session: session.state(),
        ...(learner.values ? { values: learner.values() } : {}),
      })
      onEvent({ event: 'checkpoint', step: progress.step, path })
    }

    let stopped: StopReason | undefined
    const stop = (reason: StopReason, message: string) => {
      stopped = reason
      onEvent({ event: 'stopped', step: progress.step, reason, message })
    }
    const goBack = async (message: string) => {
      if (hasState(spec.out)) {
        const good = loadState(spec.out)
        restore(session, learner, good)
        progress.step = good.step
        stop('diverged', `${message} The model is that of step ${good.step}, the last good one.`)
        return
      }
      throw new TrainerError('diverged', `${message} There is no state to go back to.`, {
        where: `step ${progress.step + 1}`,
        hint: 'Lower the learning rate.',
      })
    }

    const trainStart = performance.now()
    progress.startedAt = trainStart
    const rate = {
      peak: settings.learningRate,
      steps,
      warmupSteps: settings.schedule === 'constant' ? 0 : (settings.warmupSteps ?? Math.ceil(steps / 10)),
      schedule: settings.schedule,
    }
    while (progress.step < steps && !stopped) {
      // The kernels never leave this thread to its events: a stop would wait until the end.
      await new Promise((resume) => setImmediate(resume))
      if (signal?.aborted) {
        stop('asked', 'Stopped as asked; resume goes on from here.')
        break
      }
      const step = progress.step + 1
      const { rows, epoch } = batches(Math.ceil(step / stepsPerBatch))
      const learningRate = rateAt(step, rate)
      let result: Awaited<ReturnType<typeof oneStep>>
      try {
        result = await oneStep(run, learner, rows, step, learningRate)
        if (explodes(result.figures.loss, progress.recent))
          throw new TrainerError('diverged', `The loss leapt to ${result.figures.loss.toPrecision(3)}.`)
      } catch (error) {
        if (!isDiverged(error)) throw error
        await goBack(error.message)
        break
      }
      progress.step = step
      progress.trainedTokens += result.tokens
      progress.recent = [...progress.recent.slice(-19), result.figures.loss]
      const seconds = (performance.now() - trainStart) / 1000
      onEvent({
        event: 'step',
        step,
        steps,
        epoch,
        learningRate,
        gradientNorm: result.gradientNorm,
        tokens: result.tokens,
        tokensPerSecond: progress.trainedTokens / seconds,
        etaSeconds: (seconds / (step - firstStep)) * (steps - step),
        ...result.figures,
      })
      if (result.samples?.length) onEvent({ event: 'samples', step, samples: result.samples })
      const isBoundary = step % stepsPerBatch === 0
      const overBudget = settings.klBudget !== undefined && (result.figures.kl ?? 0) > settings.klBudget
      if (overBudget) {
        const message = `The divergence of ${result.figures.kl?.toPrecision(3)} nats a token is over the budget of ${settings.klBudget}.`
        if (hasState(spec.out)) {
          const good = loadState(spec.out)
          restore(session, learner, good)
          progress.step = good.step
        }
        stop('kl_budget', `${message} The model is that of step ${progress.step}.`)
      } else if (isBoundary && step % settings.saveEvery < stepsPerBatch && step < steps) save()
    }
    if (!stopped || (stopped === 'asked' && progress.step % stepsPerBatch === 0)) if (progress.step > 0) save()
    const seconds = (performance.now() - trainStart) / 1000
    writeResult(run, spec.out)
    const done: DoneEvent = {
      event: 'done',
      model: spec.out,
      steps: progress.step,
      tokensPerSecond: seconds > 0 ? progress.trainedTokens / seconds : 0,
      seconds: (performance.now() - progress.startedAt) / 1000,
      ...(stopped ? { stopped } : {}),
      eval: stopped === 'asked' ? {} : await learner.evaluate(),
    }
    onEvent(done)
    return done
  } finally {
    await run.close()
  }
}

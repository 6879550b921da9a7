/** GRPO, RLOO, PPO and rejection-sampling fine-tuning: sample, score, learn from the samples. */
import type { ClipSettings } from '../../algorithms/clipped.ts'
import { groupAdvantages, groupRelative } from '../../algorithms/grpo.ts'
import { adaptBeta, klOf, meanKl } from '../../algorithms/kl.ts'
import { generalisedAdvantages, proximal, tokenRewards, valueStep, whiten } from '../../algorithms/ppo.ts'
import { leaveOneOut, penalisedRewards, reinforceLeaveOneOut } from '../../algorithms/rloo.ts'
import { rejectionSampled } from '../../algorithms/selection.ts'
import { supervised } from '../../algorithms/sft.ts'
import { deviation, mean, sum } from '../../algorithms/step.ts'
import type { Outputs, Sequence } from '../../model/session.ts'
import { seedOf } from '../../random.ts'
import { lastTurn } from '../answers.ts'
import type { Figures, Sample } from '../events.ts'
import { type Bench, blend, inPasses, type Learner } from '../learner.ts'
import { coefficientsBefore } from './first-update.ts'
import { openSampler, type Rollout, samplesPerHeldPrompt } from './rollouts.ts'

/** A rollout with what is computed once, before the first update from it. */
interface Experience extends Rollout {
  old: Float32Array
  reference: Float32Array
  /** One for the whole response, or one for each of its tokens. */
  advantage: number
  advantages: Float64Array
  values: Float32Array
  returns: Float64Array
}

const noNumbers = new Float64Array(0)
const lengthOf = ({ tokens, start }: Rollout) => tokens.length - start
const heldSeed = 999_983
const samplesShown = 4

/** The state before each sampled token: what a value head is asked. */
const statesOf = ({ tokens, start }: Rollout): Sequence => ({
  tokens,
  mask: tokens.map((_, i) => (i >= start - 1 && i < tokens.length - 1 ? 1 : 0)),
})

export async function onlineLearner(bench: Bench): Promise<Learner> {
  const { session, settings, reference } = bench
  const { algorithm, groupSize } = settings
  const sampler = openSampler(bench)
  const values = algorithm === 'ppo' ? await bench.openValues() : undefined
  const memory: Record<string, number> = { beta: settings.beta }
  let batch: Experience[] = []
  let figures: Figures = { loss: 0 }
  let shown: Sample[] = []

  const experienceOf = async (rollouts: Rollout[]): Promise<Experience[]> => {
    const fixed = await reference(rollouts)
    // One update a batch starts from the very policy that sampled: then the ratio is 1 and `old` is this pass's output.
    const old = settings.reuse > 1 || algorithm === 'rloo' || values ? await session.forward(rollouts) : []
    const states = values ? await values.forward(rollouts.map(statesOf)) : []
    const rewards = rollouts.map(({ reward }) => reward)
    const whole =
      algorithm === 'rloo'
        ? leaveOneOut(penalisedRewards(rewards, old, fixed, memory.beta), groupSize)
        : groupAdvantages(rewards, groupSize, settings.scaleRewards)
    const perToken = rollouts.map((rollout, i) =>
      values
        ? generalisedAdvantages(tokenRewards(old[i], fixed[i], rollout.reward, memory.beta), states[i])
        : { advantages: noNumbers, returns: noNumbers },
    )
    whiten(perToken.map(({ advantages }) => advantages))
    return rollouts.map((rollout, i) => ({
      ...rollout,
      old: old[i],
      reference: fixed[i],
      advantage: whole[i],
      ...perToken[i],
      values: states[i],
    }))
  }

  const describe = (rollouts: readonly Rollout[]): Figures => ({
    loss: 0,
    rewardMean: mean(rollouts.map(({ score }) => score)),
    rewardSpread: deviation(rollouts.map(({ score }) => score)),
    length: mean(rollouts.map(lengthOf)),
    truncatedShare: mean(rollouts.map(({ truncated }) => Number(truncated))),
    beta: memory.beta,
  })

  /** Loss, coefficients and figures of one pass. */
  const stepOf = (
    outputs: Outputs,
    own: readonly Experience[],
  ): { coefficients: ArrayLike<number>[]; figures: Figures } => {
    const fixed = own.map((item) => item.reference)
    const policy = {
      policy: outputs,
      old: own.map((item, i) => item.old ?? outputs[i]),
      reference: fixed,
    }
    const clip: ClipSettings = {
      epsilon: settings.epsilon,
      epsilonHigh: settings.epsilonHigh,
      beta: memory.beta,
      estimator: settings.klEstimator,
    }
    const advantages = own.map(({ advantage }) => advantage)
    if (algorithm === 'grpo') {
      const { average, maxTokens } = settings
      const { coefficients, clipped, ...rest } = groupRelative(policy, advantages, { ...clip, average, maxTokens })
      return { coefficients, figures: { ...rest, clippedShare: clipped } }
    }
    if (algorithm === 'ppo') {
      // The divergence is part of the rewards already.
      const perToken = own.map((item) => item.advantages)
      const { coefficients, clipped, loss, kl } = proximal(policy, perToken, { ...clip, beta: 0 })
      return { coefficients, figures: { loss, kl, clippedShare: clipped } }
    }
    const kl = meanKl(outputs, fixed)
    if (algorithm === 'rloo') {
      const { loss, coefficients, clipped } = reinforceLeaveOneOut(policy, advantages, settings.epsilon)
      const spreadOut = outputs.map((row, i) => new Float64Array(row.length).fill(coefficients[i]))
      return { coefficients: spreadOut, figures: { loss, kl, clippedShare: clipped } }
    }
    const { loss, coefficients } = supervised(outputs)
    return {
      coefficients: outputs.map((row, i) => new Float64Array(row.length).fill(coefficients[i])),
      figures: { loss, kl },
    }
  }

  /** What is known of the coefficients before the outputs are; undefined where they must come first. */
  const firstUpdateOf = coefficientsBefore(settings, () => memory.beta)

  const isByToken =
    algorithm === 'ppo' || algorithm === 'rejection' || (algorithm === 'grpo' && settings.average === 'token')
  const unitsOf = (rollout: Rollout) => (isByToken ? lengthOf(rollout) : 1)

  const learnValues = async (): Promise<number> => {
    if (!values) return 0
    let valueLoss = 0
    await inPasses(
      { session: values, passTokens: bench.passTokens },
      batch.map((item) => ({ ...item, states: statesOf(item) })),
      ({ states }) => [states],
      lengthOf,
      (outputs, own, share) => {
        const step = valueStep(
          outputs,
          own.map((item) => item.values),
          own.map((item) => item.returns),
        )
        valueLoss += share * step.loss
        return step.coefficients.map((row) => Float32Array.from(row, (c) => c * share))
      },
    )
    return valueLoss
  }

  const heldSamples = () => sampler.sample(sampler.heldPrompts, samplesPerHeldPrompt, seedOf(settings.seed, heldSeed))
  const meanScore = (rollouts: readonly Rollout[]) => mean(rollouts.map(({ score }) => score))
  const errorOf = (rollouts: readonly Rollout[]) =>
    // Samples of one prompt are alike: the prompts are the independent units.
    deviation(groupMeans(rollouts, samplesPerHeldPrompt)) / Math.sqrt(sampler.heldPrompts.length)

  return {
    lengths: sampler.prompts.map(({ ids }) => ids.length),
    evalRows: sampler.heldPrompts.length,
    memory,
    prepare: async () => {
      const before = await heldSamples()
      memory.rewardBefore = meanScore(before)
      memory.rewardBeforeError = errorOf(before)
      memory.lengthBefore = mean(before.map(lengthOf))
    },
    accumulate: async (rows, step) => {
      if ((step - 1) % settings.reuse === 0) {
        const prompts = rows.map((row) => sampler.prompts[row])
        const rollouts = await sampler.sample(prompts, groupSize, seedOf(settings.seed, step))
        const kept =
          algorithm === 'rejection'
            ? rejectionSampled(
                rollouts.map(({ reward }) => reward),
                groupSize,
              )
            : undefined
        batch = await experienceOf(kept ? kept.map((i) => rollouts[i]) : rollouts)
        figures = describe(rollouts)
        shown = rollouts.slice(0, samplesShown).map(({ text, score }, i) => ({
          prompt: lastTurn(prompts[Math.floor(i / groupSize)].asked),
          text,
          reward: score,
        }))
      }
      const part: Figures = { loss: 0 }
      let surprise = 0
      const hear = (outputs: Outputs, own: readonly Experience[], share: number): Outputs => {
        const { coefficients, figures: measured } = stepOf(outputs, own)
        blend(part, measured, share)
        surprise -= outputs.reduce((total, row) => total + sum(row), 0)
        return coefficients.map((row) => Float32Array.from(row, (c) => c * share))
      }
      await inPasses<Experience>(
        bench,
        batch,
        (item) => [item],
        unitsOf,
        firstUpdateOf
          ? { known: firstUpdateOf, heard: (...pass: Parameters<typeof hear>) => void hear(...pass) }
          : hear,
      )
      const valueLoss = await learnValues()
      const tokens = batch.reduce((total, item) => total + item.tokens.length, 0)
      const sampled = batch.reduce((total, item) => total + lengthOf(item), 0)
      if (settings.klTarget) memory.beta = adaptBeta(memory.beta, part.kl ?? 0, settings.klTarget)
      return {
        figures: { ...figures, ...part, entropy: surprise / sampled, ...(values ? { valueLoss } : {}) },
        tokens,
        ...((step - 1) % settings.reuse === 0 ? { samples: shown } : {}),
      }
    },
    ...(values
      ? {
          updateValues: (learningRate: number) => {
            values.update({ learningRate, maxGradientNorm: settings.maxGradientNorm })
          },
          values: () => values.state(),
          restoreValues: (state) => values.restore(state),
        }
      : {}),
    evaluate: async () => {
      const after = await heldSamples()
      const [policy, fixed] = [await session.forward(after), await reference(after)]
      const drift = policy.flatMap((row, i) => Array.from(row, (logp, t) => klOf(logp - fixed[i][t])))
      return {
        prompts: sampler.heldPrompts.length,
        rewardBefore: memory.rewardBefore,
        rewardBeforeError: memory.rewardBeforeError,
        rewardAfter: meanScore(after),
        rewardAfterError: errorOf(after),
        kl: mean(drift),
        lengthBefore: memory.lengthBefore,
        length: mean(after.map(lengthOf)),
        truncatedShare: mean(after.map(({ truncated }) => Number(truncated))),
        // At another temperature it is another distribution whose divergence is measured, or none at all (rejection).
        ...(settings.temperature === 1 ? {} : { temperature: settings.temperature }),
      }
    },
    close: async () => {
      await values?.close()
    },
  }
}

function groupMeans(rollouts: readonly Rollout[], size: number): number[] {
  const means: number[] = []
  for (let start = 0; start < rollouts.length; start += size)
    means.push(mean(rollouts.slice(start, start + size).map(({ score }) => score)))
  return means
}

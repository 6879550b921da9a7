/** Everything that a run works with, opened from its spec: session, tokenizer, reference, reward, memory plan. */
import { type Decoder, openDecoder } from '../decode/decoder.ts'
import { TrainerError } from '../errors.ts'
import type { Adapter, TrainingSession } from '../model/session.ts'
import { openTrainingSession } from '../model/training.ts'
import type { Line } from '../text/rows.ts'
import { answersOf } from './answers.ts'
import type { Sample } from './events.ts'
import { type FrozenModel, frozenModel } from './frozen.ts'
import type { Bench, Learner, RewardFunction } from './learner.ts'
import { onlineLearner } from './learners/online.ts'
import { dpoLearner, orpoLearner, rewardLearner } from './learners/pairs.ts'
import { samplesPerHeldPrompt } from './learners/rollouts.ts'
import { supervisedLearner } from './learners/supervised.ts'
import { ktoLearner } from './learners/unpaired.ts'
import { planMemory } from './memory.ts'
import { openScorer } from './scorer.ts'
import { adapterOf, type Source, sourceOf, wholeWeights } from './source.ts'
import { checkMeaning, isOnline, type RunSpec, type Settings, settingsOf } from './spec.ts'

export interface OpenRun {
  source: Source
  settings: Settings
  session: TrainingSession
  adapter?: Adapter
  bench: Bench
  learner: Learner
  estimatedBytes: number
  answers?: () => Promise<Sample[]>
  close(): Promise<void>
}

function learnerOf(bench: Bench): Learner | Promise<Learner> {
  switch (bench.settings.algorithm) {
    case 'sft':
      return supervisedLearner(bench)
    case 'reward':
      return rewardLearner(bench)
    case 'dpo':
      return dpoLearner(bench)
    case 'orpo':
      return orpoLearner(bench)
    case 'kto':
      return ktoLearner(bench)
    default:
      return onlineLearner(bench)
  }
}

/** Bytes that this process may still take: what the system has free, within the limit of its container. */
const availableBytes = (): number => process.availableMemory()

export async function openBench(
  spec: RunSpec,
  lines: readonly Line[],
  evalLines: readonly Line[],
  reward?: RewardFunction,
): Promise<OpenRun> {
  // A run from before this was refused goes on with what did nothing then, either.
  if (!spec.resume) checkMeaning(spec)
  const source = await sourceOf(spec, lines)
  const settings = settingsOf(spec, source.parameters)
  const { algorithm, threads, seed } = settings
  const head = algorithm === 'reward' ? 'scalar' : 'lm'
  if (source.head === 'scalar' && head === 'lm')
    throw new TrainerError('bad_input', `A reward model cannot be trained with ${algorithm}: it has no words.`, {
      where: `run, model ${spec.model}`,
    })
  settings.maxLength = Math.min(settings.maxLength, source.config.maxPositions)
  const adapter = adapterOf(source, spec, settings)
  const whole = wholeWeights(source)
  const continues = adapter?.weights !== undefined
  const { config } = source
  // What a policy gradient weighs is the distribution that was sampled from; fine-tuning on the best samples is not one.
  const temperature = isOnline(algorithm) && algorithm !== 'rejection' ? settings.temperature : 1
  const open: { close(): Promise<void> }[] = []
  const closeAll = async () => {
    for (const each of open.reverse()) await each.close()
  }
  try {
    const session = await openTrainingSession({
      config,
      weights: continues ? source.weights : whole,
      adapter,
      head,
      temperature,
      threads,
      seed,
    })
    open.push(session)
    const needsReference =
      isOnline(algorithm) || algorithm === 'kto' || (algorithm === 'dpo' && !settings.referenceFree)
    // A new adapter switched off is the policy that the run starts from; anything else needs it kept beside.
    let fixed: FrozenModel | undefined
    if (needsReference && (!adapter || continues)) {
      fixed = await frozenModel({ config, weights: whole, head: 'lm', temperature }, threads)
      open.push(fixed)
    }
    const scorer =
      isOnline(algorithm) && !reward && settings.rewardModel
        ? await openScorer(settings.rewardModel, source, threads)
        : undefined
    if (scorer) open.push(scorer.model)
    let decoder: Decoder | undefined
    const bench: Bench = {
      session,
      text: source.text,
      settings,
      lines,
      evalLines,
      passTokens: 0,
      reference: (batch) => (fixed ? fixed.forward(batch) : session.forward(batch, { adapter: 'off' })),
      reward: reward ?? scorer?.reward,
      decoder: async () => {
        const weights = session.merged()
        decoder ??= await openDecoder({ config, weights, threads })
        decoder.setWeights(weights)
        return decoder
      },
      openValues: () =>
        openTrainingSession({
          config,
          weights: whole,
          adapter: adapter && { ...adapter, weights: undefined },
          head: 'scalar',
          threads,
          seed: seed + 1,
        }),
    }
    open.push({ close: async () => decoder?.close() })
    const learner = await learnerOf(bench)
    open.push(learner)
    if (!learner.lengths.length)
      throw new TrainerError('bad_input', `Every row is a tie, of which ${algorithm} learns nothing.`, {
        where: spec.data,
        hint: 'Train reward, dpo or orpo on ties.',
      })
    const { batchSize, groupSize, maxTokens } = settings
    const given = learner.lengths.reduce((a, b) => Math.max(a, b), 1)
    const longest = given + (isOnline(algorithm) ? maxTokens : 0)
    const answers = answersOf(bench)
    const sampled = isOnline(algorithm) ? Math.max(batchSize * groupSize, learner.evalRows * samplesPerHeldPrompt) : 0
    const values = algorithm === 'ppo' ? 1 : 0
    const plan = planMemory(
      {
        config,
        head,
        parameters: {
          trained: session.parameters.trained * (1 + values),
          total: session.parameters.total,
        },
        otherParameters:
          (fixed ? source.parameters : 0) +
          (scorer?.parameters ?? 0) +
          // What writes answers keeps weights of its own.
          (answers || isOnline(algorithm) ? source.parameters : 0),
        asked: [
          head,
          ...(fixed ? (['lm'] as const) : []),
          ...(scorer ? (['scalar'] as const) : []),
          ...(values ? (['scalar'] as const) : []),
        ],
        learning: 1 + values,
        longest,
        stepTokens: longest * batchSize * (isOnline(algorithm) ? groupSize : 1),
        answered: {
          rows: Math.max(sampled, answers ? settings.samples : 0),
          positions: Math.min(given + maxTokens, settings.maxLength),
        },
      },
      settings.memoryBytes ?? availableBytes() + process.memoryUsage().rss,
    )
    bench.passTokens = plan.passTokens
    return {
      source,
      settings,
      session,
      adapter,
      bench,
      learner,
      estimatedBytes: plan.estimatedBytes,
      answers,
      close: closeAll,
    }
  } catch (error) {
    await closeAll()
    throw error
  }
}

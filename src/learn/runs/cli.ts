/** `./plumbline train`: the embedded trainer on files of one's own, without server or database. */
import type { Command } from 'commander'
import { action, example, print, say } from '../../platform/command.ts'
import { fail } from '../../platform/errors.ts'
import type { TrainingEvent } from '../../trainer/schedule/events.ts'
import type { RunSpec } from '../../trainer/schedule/spec.ts'

type Flags = Record<string, string | boolean | undefined>

/** Options that are numbers, by field of the spec, with what `--help` says of them. */
const numbers = {
  steps: 'optimiser steps in all (default: once through the data)',
  batchSize: 'rows (or pairs, or prompts) a step',
  learningRate: 'peak learning rate',
  warmupSteps: 'steps of linear warm-up (default: a tenth of all)',
  weightDecay: 'weight decay of AdamW',
  maxGradientNorm: 'gradients are clipped to this norm',
  maxLength: 'tokens of a row; what is longer is cut at the left of its prompt',
  seed: 'of order, first weights and samples',
  threads: 'default: all cores',
  loraRank: '0 trains all weights (default: 16 for models over 50 million weights)',
  loraAlpha: 'default: twice the rank',
  loraDropout: 'of the adapter’s inputs',
  beta: 'dpo, kto: temperature; orpo: lambda; online: weight of the divergence from the reference',
  labelSmoothing: 'dpo: share of labels taken to be wrong',
  desirableWeight: 'kto',
  undesirableWeight: 'kto',
  centring: 'reward: weight of the term that centres scores at 0',
  spoiled: 'reward: pairs of a better response against itself spoiled, as a share of the rows',
  groupSize: 'online: samples a prompt',
  maxTokens: 'online: longest sample',
  temperature: 'online: of the samples',
  reuse: 'online: optimiser steps a batch of samples',
  epsilon: 'online: clipping of the ratio',
  epsilonHigh: 'online: its upper bound, where it is another',
  klTarget: 'online: nats a token that beta is adapted to hold',
  klBudget: 'online: nats a token at which the run stops',
  truncationPenalty: 'online: taken off the reward of a sample that was cut off',
  samples: 'held-out prompts answered greedily as the run goes on, for people to read',
  heldRows: 'not online: so many held-out rows are measured as the run goes on (default: at most 64; 0: none)',
  saveEvery: 'steps between saved states',
} as const satisfies Partial<Record<keyof RunSpec, string>>

const texts = {
  schedule: 'constant, linear or cosine',
  loss: 'dpo: sigmoid or ipo',
  average: 'grpo: sequence, token or constant',
  klEstimator: 'grpo: k1, k2 or k3',
} as const satisfies Partial<Record<keyof RunSpec, string>>

const optionOf = (field: string): string => field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

function specOf(algorithm: string, flags: Flags): Record<string, unknown> {
  const spec: Record<string, unknown> = { algorithm, resume: flags.resume === true }
  for (const field of ['data', 'eval', 'out', ...Object.keys(texts)])
    if (flags[field] !== undefined) spec[field] = flags[field]
  for (const field of Object.keys(numbers)) {
    const text = flags[field]
    if (text === undefined) continue
    const value = Number(text)
    if (String(text).trim() === '' || !Number.isFinite(value))
      fail('bad_input', `'${text}' is not a number.`, { where: `--${optionOf(field)}` })
    spec[field] = value
  }
  if (typeof flags.loraTargets === 'string') spec.loraTargets = flags.loraTargets.split(',')
  if (flags.referenceFree) spec.referenceFree = true
  if (flags.scaleRewards === false) spec.scaleRewards = false
  return spec
}

const short = (value: number): string =>
  Math.abs(value) >= 1000 ? value.toFixed(0) : Number(value.toPrecision(4)).toString()
const clock = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(Math.round(seconds) % 60).padStart(2, '0')}`

type EventOf<Kind> = Extract<TrainingEvent, { event: Kind }>

/** `held`: what held-out rows were last measured at. */
function progressLine(event: EventOf<'step'>, held: EventOf<'eval'> | undefined): string {
  const shown = ['accuracy', 'rewardMean', 'kl', 'length'] as const
  const figures = shown.flatMap((name) => (event[name] === undefined ? [] : [`${name} ${short(event[name])}`]))
  if (held)
    figures.push(
      `held out ${short(held.evalLoss)}${held.evalAccuracy === undefined ? '' : ` / ${short(held.evalAccuracy)}`}`,
    )
  const speed = `${short(event.tokensPerSecond)} tokens/s, ${clock(event.etaSeconds)} left`
  return [`step ${event.step}/${event.steps}`, `loss ${short(event.loss)}`, ...figures, speed].join('  ')
}

/** People see one line that is rewritten on a terminal, and one line every tenth of the run in a log. */
function narrator(): (event: TrainingEvent) => void {
  const isTerminal = process.stderr.isTTY
  let held: EventOf<'eval'> | undefined
  return (event) => {
    if (event.event === 'start')
      say(
        `${event.rows} rows, ${event.evalRows} held out, ${short(event.trainedParameters / 1e6)} of ${short(event.parameters / 1e6)} million weights trained, about ${(event.estimatedBytes / 2 ** 30).toFixed(1)} GiB${event.resumedFrom ? `, from step ${event.resumedFrom}` : ''}`,
      )
    else if (event.event === 'step') {
      if (isTerminal)
        process.stderr.write(`\r\x1b[K${progressLine(event, held)}${event.step === event.steps ? '\n' : ''}`)
      else if (event.step % Math.max(1, Math.floor(event.steps / 10)) === 0) say(progressLine(event, held))
    } else if (event.event === 'eval') held = event
    else if (event.event === 'stopped') say(`${isTerminal ? '\n' : ''}${event.message}`)
  }
}

async function train(algorithm: string, flags: Flags): Promise<void> {
  const [{ runTraining }, { findModel }, { algorithms }] = await Promise.all([
    import('../../trainer/schedule/run.ts'),
    import('../../models/local.ts'),
    import('../../trainer/schedule/spec.ts'),
  ])
  if (!algorithms.some((known) => known === algorithm))
    fail('bad_input', `There is no algorithm '${algorithm}'.`, {
      where: 'train',
      hint: `There are ${algorithms.join(', ')}.`,
    })
  const spec = {
    ...specOf(algorithm, flags),
    model: await findModel(String(flags.model), { say }),
    ...(flags.rewardModel ? { rewardModel: await findModel(String(flags.rewardModel), { say }) } : {}),
  } as unknown as RunSpec
  const stop = new AbortController()
  const ask = () => stop.abort()
  process.once('SIGINT', ask).once('SIGTERM', ask)
  const json = flags.json === true
  const narrate = narrator()
  const onEvent = (event: TrainingEvent) => {
    if (!json) narrate(event)
    else if (event.event !== 'done') process.stdout.write(`${JSON.stringify(event)}\n`)
  }
  try {
    const done = await runTraining(spec, { onEvent, signal: stop.signal })
    print(done, json, ({ model, steps, seconds, tokensPerSecond, eval: figures }) => {
      const measured = Object.entries(figures).map(([name, value]) => `  ${name} ${short(value)}`)
      return [`${model}: ${steps} steps in ${clock(seconds)}, ${short(tokensPerSecond)} tokens/s`, ...measured].join(
        '\n',
      )
    })
  } finally {
    process.off('SIGINT', ask).off('SIGTERM', ask)
  }
}

export function trainCommands(program: Command): void {
  const command = program
    .command('train')
    .argument('<algorithm>', 'sft, reward, dpo, kto, orpo, grpo, rloo, ppo or rejection')
    .description('trains a model on this machine; rows are JSON lines in the shapes of TRL')
    .requiredOption('--model <model>', 'preset:1m, preset:7m, preset:30m, a name, a folder or a GGUF file')
    .requiredOption('--data <file>', 'rows to learn from')
    .requiredOption('--out <dir>', 'where the model and the state of the run go')
    .option('--eval <file>', 'held-out rows')
    .option('--reward-model <dir>', 'online: what scores the samples')
    .option(
      '--lora-targets <names>',
      'q_proj,k_proj,v_proj,o_proj,gate_proj,up_proj,down_proj (default: q_proj,v_proj)',
    )
    .option('--reference-free', 'dpo: without a reference policy')
    .option('--no-scale-rewards', 'grpo: advantages are not divided by the spread of their group')
    .option('--resume', 'go on from the last saved state; with more --steps also of a finished run')
    .option('--json', 'one event a line')
  for (const [field, description] of Object.entries(numbers)) command.option(`--${optionOf(field)} <n>`, description)
  for (const [field, description] of Object.entries(texts)) command.option(`--${optionOf(field)} <name>`, description)
  example(
    command.action(action(train)),
    'train reward --model preset:1m --data pairs.jsonl --eval held.jsonl --out runs/reward --steps 200',
    'train dpo --model smollm2-135m --data pairs.jsonl --out runs/dpo --lora-rank 16',
    'train grpo --model runs/dpo --data prompts.jsonl --reward-model runs/reward --out runs/grpo',
  )
}

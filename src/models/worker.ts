/** The thread behind `background.ts`: one model, its decoder and its scorer, answering messages until it is closed. */
import { parentPort, workerData } from 'node:worker_threads'
import { fail, isProblem, type Problem, toProblem } from '../platform/errors.ts'
import { type Decoder, openDecoder } from '../trainer/decode/decoder.ts'
import type { Message } from '../trainer/text/chat.ts'
import type { Tokenizer } from '../trainer/text/tokenizer.ts'
import type {
  AnswerRequest,
  BackgroundOptions,
  Outcome,
  ScoreRequest,
  WorkerAnswer,
  WorkerRequest,
  WorkerTask,
} from './background.ts'
import { answer, asked, faultOf, type TextOptions } from './generation.ts'
import { openLocalModel } from './local.ts'
import { openScorer, type Scorer } from './score.ts'

const { path, dataDir, threads } = workerData as WorkerTask
const stopped = new Set<number>()
let isClosing = false
let decoder: Decoder | undefined
let scorer: Scorer | undefined

const send = (message: WorkerAnswer): void => parentPort!.postMessage(message)
const problemOf = (error: unknown): Problem =>
  isProblem(error)
    ? toProblem(error)
    : { code: 'internal', message: error instanceof Error ? error.message : String(error) }
const opening = openLocalModel(path, { dataDir })

async function scored({ id, kind, items, maxLength }: ScoreRequest): Promise<void> {
  scorer ??= await openScorer(await opening, threads)
  if (kind === 'score') send({ id, kind: 'scores', scores: await scorer.score(items, maxLength) })
  else send({ id, kind, logProbs: await scorer.logProbs(items, maxLength) })
}

type Engine = { decoder: Decoder; text: Tokenizer }
type Prompt = string | Message[]

/** Answers the prompts that fit; of the others it tells why not. */
async function sampled(engine: Engine, prompts: readonly Prompt[], options: TextOptions): Promise<Outcome[]> {
  const faults = prompts.map((prompt) => faultOf(engine, prompt))
  const fitting = prompts.flatMap((_, i) => (faults[i] ? [] : [i]))
  const answers = await answer(
    engine,
    fitting.map((i) => prompts[i]!),
    { ...options, seeds: options.seeds && fitting.map((i) => options.seeds![i]!) },
  )
  return faults.map((fault, i) => (fault ? { problem: problemOf(fault) } : { answer: answers[fitting.indexOf(i)]! }))
}

const given = (options: BackgroundOptions): BackgroundOptions =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as BackgroundOptions

async function answered({ id, kind, prompts, options }: AnswerRequest): Promise<void> {
  const model = await opening
  if (model.head === 'scalar') fail('bad_input', 'A reward model gives scores, no text.', { where: 'model' })
  decoder ??= await openDecoder({ config: model.config, weights: model.weights, threads })
  const engine = { decoder, text: model.text }
  const questions = prompts.map((prompt) => asked(prompt, model.text))
  const all = { temperature: 1, ...model.generation, ...given(options), isStopped: () => isClosing || stopped.has(id) }
  if (kind === 'sample') return send({ id, kind: 'outcomes', outcomes: await sampled(engine, questions, all) })
  const onText = (index: number, piece: string): undefined => {
    send({ id, kind: 'text', index, piece })
  }
  send({ id, kind: 'answers', answers: await answer(engine, questions, { ...all, onText }) })
}

const serve = (request: AnswerRequest | ScoreRequest): Promise<void> =>
  'items' in request ? scored(request) : answered(request)

async function close(): Promise<void> {
  await Promise.all([decoder?.close(), scorer?.close()])
  parentPort!.close()
}

// One request after the other: two at once would only share the same cores.
let last: Promise<void> = Promise.resolve()
parentPort!.on('message', (request: WorkerRequest) => {
  if (request.kind === 'stop') {
    stopped.add(request.id)
    return
  }
  if (request.kind === 'close') {
    isClosing = true
    last = last.then(close)
    return
  }
  last = last
    .then(() => (isClosing ? undefined : serve(request)))
    .finally(() => stopped.delete(request.id))
    .catch((error: unknown) => send({ id: request.id, kind: 'failed', problem: problemOf(error) }))
})

opening.then(
  ({ head, parameters }) => send({ id: 0, kind: 'ready', head, parameters }),
  (error: unknown) => {
    send({ id: 0, kind: 'failed', problem: problemOf(error) })
    parentPort!.close()
  },
)

/** The thread behind `background.ts`: one model, its decoder and its scorer, answering messages until it is closed. */
import { parentPort, workerData } from 'node:worker_threads'
import { isProblem, type Problem } from '../platform/errors.ts'
import { type Decoder, openDecoder } from '../trainer/decode/decoder.ts'
import type { WorkerAnswer, WorkerRequest, WorkerTask } from './background.ts'
import { answer, asked } from './generation.ts'
import { openLocalModel } from './local.ts'
import { openScorer, type Scorer } from './score.ts'

const { path, threads } = workerData as WorkerTask
const stopped = new Set<number>()
let decoder: Decoder | undefined
let scorer: Scorer | undefined

const send = (message: WorkerAnswer): void => parentPort!.postMessage(message)
const problemOf = (error: unknown): Problem =>
  isProblem(error)
    ? { code: error.code, message: error.message, where: error.where, hint: error.hint }
    : { code: 'internal', message: error instanceof Error ? error.message : String(error) }
const opening = openLocalModel(path)

async function serve(request: Exclude<WorkerRequest, { kind: 'stop' }>): Promise<void> {
  const { id } = request
  const model = await opening
  if (request.kind === 'score') {
    scorer ??= await openScorer(model, threads)
    return send({ id, kind: 'scores', scores: await scorer.score(request.items, request.maxLength) })
  }
  const { prompts, options } = request
  decoder ??= await openDecoder({ config: model.config, weights: model.weights, threads })
  const onText = (index: number, piece: string): boolean => {
    send({ id, kind: 'text', index, piece })
    return stopped.has(id)
  }
  const answers = await answer(
    { decoder, text: model.text },
    prompts.map((prompt) => asked(prompt, model.text)),
    { ...model.generation, ...options, onText },
  )
  stopped.delete(id)
  send({ id, kind: 'answers', answers })
}

// One request after the other: two at once would only share the same cores.
let last: Promise<void> = Promise.resolve()
parentPort!.on('message', (request: WorkerRequest) => {
  if (request.kind === 'stop') {
    stopped.add(request.id)
    return
  }
  last = last
    .then(() => serve(request))
    .catch((error: unknown) => send({ id: request.id, kind: 'failed', problem: problemOf(error) }))
})

opening.then(
  ({ head, parameters }) => send({ id: 0, kind: 'ready', head, parameters }),
  (error: unknown) => {
    send({ id: 0, kind: 'failed', problem: problemOf(error) })
    parentPort!.close()
  },
)

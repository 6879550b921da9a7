/**
 * Models whose files lie here, at work: answers, scores and probabilities, each by a thread of its own, so that no request
 * waits for a kernel. One of these per server process, closed with it.
 */

import type { Message } from '../trainer/text/chat.ts'
import type { BackgroundModel, BackgroundOptions, Outcome } from './background.ts'
import { folderOf } from './checkpoints/files.ts'
import { modelPool, type PoolOptions } from './pool.ts'
import type { Item, LogProb } from './score.ts'

/** A checkpoint as `checkpoints/store.ts` finds it; its place is all that is needed here. */
type Located = { path: string }

export interface Models {
  /**
   * One outcome a conversation, in order, drawn in batches. Each has its own seed, and its answer does not depend on what
   * it is drawn with. Throws when the model does not open or the signal is aborted.
   */
  sample(
    checkpoint: Located,
    questions: readonly { conversation: Message[]; seed: number }[],
    options: SampleOptions & { signal?: AbortSignal },
  ): Promise<Outcome[]>
  /** By a reward model, of each response its score; by a policy its mean log-probability a token. */
  scores(checkpoint: Located, items: readonly Item[]): Promise<number[]>
  /**
   * Log-probability of each response under a policy, in nats, with its number of tokens (the end is one). On responses that
   * policy p drew at temperature 1, the sum of (p's - q's) over the sum of tokens estimates KL(p || q) a token; on others it is
   * no divergence of the two.
   */
  logProbs(checkpoint: Located, items: readonly Item[]): Promise<LogProb[]>
  /** Acts with the open model; it stays open at least until `act` has ended. */
  use<T>(checkpoint: Located, act: (model: BackgroundModel) => Promise<T>): Promise<T>
  close(): Promise<void>
}

type SampleOptions = Omit<BackgroundOptions, 'seed' | 'seeds' | 'topLogProbs'>

/** Rows decoded together: more hardly help, and an abort waits for a step of all of them. */
const batchRows = 64

/** Throws the reason of an aborted signal before the next part. */
export async function inParts<A, B>(
  items: readonly A[],
  act: (part: readonly A[]) => Promise<B[]>,
  signal?: AbortSignal,
): Promise<B[]> {
  const results: B[] = []
  for (let from = 0; from < items.length; from += batchRows) {
    signal?.throwIfAborted()
    results.push(...(await act(items.slice(from, from + batchRows))))
  }
  return results
}

export function createModels(options: PoolOptions & { dataDir: string }): Models {
  const { dataDir } = options
  const pool = modelPool(options)
  const use: Models['use'] = (checkpoint, act) => pool.use(folderOf(dataDir, checkpoint), act)
  return {
    use,
    sample: (checkpoint, questions, sampling) =>
      use(checkpoint, (model) =>
        inParts(questions, (part) =>
          model.sample(
            part.map(({ conversation }) => conversation),
            { ...sampling, seed: 0, seeds: part.map(({ seed }) => seed) },
          ),
        ),
      ),
    scores: (checkpoint, items) => use(checkpoint, (model) => inParts(items, (part) => model.score(part))),
    logProbs: (checkpoint, items) => use(checkpoint, (model) => inParts(items, (part) => model.logProbs(part))),
    close: pool.close,
  }
}

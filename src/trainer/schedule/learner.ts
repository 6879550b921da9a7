/** What the loop needs of an algorithm: a gradient for some rows, and figures on held-out rows. */
import type { Decoder } from '../decode/decoder.ts'
import type { Coefficients, Outputs, Sequence, SessionState, TrainingSession } from '../model/session.ts'
import { randomOf } from '../random.ts'
import type { Message } from '../text/chat.ts'
import type { Line } from '../text/rows.ts'
import type { Tokenizer } from '../text/tokenizer.ts'
import { passesOf } from './batches.ts'
import type { Figures, Sample } from './events.ts'
import type { Settings } from './spec.ts'

export interface Learner {
  /** Tokens of each row: batches are made of rows of similar length. */
  lengths: readonly number[]
  evalRows: number
  /** Adds the gradient of the mean over `rows` to the session's. `tokens` are those trained on, padding left out. */
  accumulate(rows: readonly number[], step: number): Promise<{ figures: Figures; tokens: number; samples?: Sample[] }>
  /** Whatever has an optimiser of its own besides the session; called after each update of the session. */
  updateValues?(learningRate: number): void
  values?(): SessionState
  restoreValues?(state: SessionState): void
  /** Before the first step of a fresh run: what the end will be compared with. */
  prepare?(): Promise<void>
  /** Figures on held-out rows, of at most so many; touches nothing that training depends on. */
  evaluate(most?: number): Promise<Record<string, number>>
  /** What a resumed run must remember. */
  memory: Record<string, number>
  close(): Promise<void>
}

/** Scores whole responses to one prompt; from a reward model, or from whoever embeds the trainer. */
export type RewardFunction = (items: readonly { prompt: string | Message[]; response: string }[]) => Promise<number[]>

export interface Bench {
  session: TrainingSession
  text: Tokenizer
  settings: Settings
  lines: readonly Line[]
  evalLines: readonly Line[]
  /** Padded tokens a pass may have. */
  passTokens: number
  /** Log-probabilities under the policy that the run started from. */
  reference: (batch: readonly Sequence[]) => Promise<Outputs>
  reward?: RewardFunction
  /** Answers with the policy as it is now; opened once. */
  decoder: () => Promise<Decoder>
  /** A second model of the policy's shape, for values (PPO). */
  openValues: () => Promise<TrainingSession>
}

/**
 * Coefficients of a pass whose share of the step's units is `share`: computed from its outputs, or known before it, as
 * numbers or as a formula.
 */
export type PassCoefficients<Item> =
  | ((outputs: Outputs, items: readonly Item[], share: number) => Outputs | Promise<Outputs>)
  | {
      known(items: readonly Item[], share: number): Coefficients | Promise<Coefficients>
      /** The outputs, once they are there: for the figures. */
      heard(outputs: Outputs, items: readonly Item[], share: number): void | Promise<void>
    }

/** Runs rows through the session in passes. Each item is one or more sequences that belong together (a pair). */
export async function inPasses<Item>(
  { session, passTokens }: Pick<Bench, 'session' | 'passTokens'>,
  items: readonly Item[],
  sequencesOf: (item: Item) => readonly Sequence[],
  unitsOf: (item: Item) => number,
  coefficients: PassCoefficients<Item>,
): Promise<void> {
  const groups = items.map(sequencesOf)
  const widest = Math.max(...groups.map((sequences) => sequences.length))
  const lengths = groups.map((sequences) => Math.max(...sequences.map(({ tokens }) => tokens.length)) * widest)
  const total = items.reduce((units, item) => units + unitsOf(item), 0)
  for (const pass of passesOf(
    items.map((_, i) => i),
    lengths,
    passTokens,
  )) {
    const own = pass.map((i) => items[i])
    const sequences = pass.flatMap((i) => groups[i])
    const share = total ? own.reduce((units, item) => units + unitsOf(item), 0) / total : 0
    if (typeof coefficients === 'function')
      await session.accumulate(sequences, (outputs) => coefficients(outputs, own, share))
    else await coefficients.heard(await session.accumulate(sequences, await coefficients.known(own, share)), own, share)
  }
}

/** One coefficient for each sequence, spread over its outputs and scaled. */
export const spread = (outputs: Outputs, coefficients: ArrayLike<number>, share: number): Outputs =>
  outputs.map((row, i) => new Float32Array(row.length).fill(coefficients[i] * share))

const drawOfFew = 77

/** At most so many of the rows, each time the same, in their order. Drawn: every second of KTO's rows is a desirable one. */
export function fewOf<Row>(rows: readonly Row[], most = rows.length): Row[] {
  if (most >= rows.length) return [...rows]
  const places = randomOf(0, drawOfFew).shuffle(rows.map((_, i) => i))
  return places
    .slice(0, most)
    .sort((a, b) => a - b)
    .map((place) => rows[place])
}

/** Answers of the same rows once: held-out rows are the same at each glance, and what they are compared with never changes. */
export function remembered<Row, Known>(of: (rows: readonly Row[]) => Known) {
  let last: { rows: readonly Row[]; known: Known } | undefined
  return (rows: readonly Row[]): Known => {
    if (last?.rows.length !== rows.length || rows.some((row, i) => row !== last!.rows[i]))
      last = { rows, known: of(rows) }
    return last.known
  }
}

/** Adds `part` times `share` to each figure of `into`. */
export function blend(into: Figures, part: Figures, share: number): void {
  for (const [name, value] of Object.entries(part) as [keyof Figures, number | undefined][])
    if (value !== undefined) into[name] = (into[name] ?? 0) + share * value
}

/** Answers in text from a model on this machine. */
import { checkPrompt, type Decoder } from '../trainer/decode/decoder.ts'
import type { TokenLogProb } from '../trainer/decode/sampling.ts'
import { TrainerError } from '../trainer/errors.ts'
import type { Message } from '../trainer/text/chat.ts'
import { encodePrompt } from '../trainer/text/encoding.ts'
import type { Tokenizer } from '../trainer/text/tokenizer.ts'

export interface TextOptions {
  maxTokens: number
  /** 0: the most probable token each time. */
  temperature: number
  topK?: number
  topP?: number
  repetitionPenalty?: number
  seed: number
  /** A seed of each prompt's own, in place of `seed`: its answer is then the same in any company. */
  seeds?: readonly number[]
  /** The answer ends before the first of these. */
  stop?: readonly string[]
  topLogProbs?: number
  /** Hears of each answer's text as it grows; pieces never split a character. True ends that answer. */
  onText?: (index: number, piece: string) => boolean | undefined
  /** Asked after each token; true ends all answers. */
  isStopped?: () => boolean
}

export interface Answer {
  text: string
  /** The end token included where it came. */
  tokens: number[]
  promptTokens: number[]
  finish: 'end' | 'stopped' | 'length'
  logprobs?: TokenLogProb[][]
}

/** A prompt as the model is asked it: a text becomes the user's message where there is a chat template, of a project's model always. */
export const asked = (prompt: string | Message[], text: Tokenizer, ofProject = false): string | Message[] =>
  typeof prompt === 'string' && (ofProject || text.template) ? [{ role: 'user', content: prompt }] : prompt

/** Ends before the first stop string, also one that only the newest token completed. */
function beforeStop(text: string, stop: readonly string[]): string {
  const places = stop.map((end) => text.indexOf(end)).filter((place) => place >= 0)
  return places.length ? text.slice(0, Math.min(...places)) : text
}

/** Bytes of a character that is not complete yet decode to this. */
const incomplete = /\uFFFD+$/

/** How many characters at the end may yet turn out to be the start of a stop string. */
function undecided(text: string, stop: readonly string[]): number {
  let most = 0
  for (const end of stop)
    for (let length = Math.min(end.length - 1, text.length); length > most; length--)
      if (text.endsWith(end.slice(0, length))) most = length
  return most
}

/** Why a prompt cannot be answered by this model, or undefined. */
export function faultOf(
  { decoder, text }: { decoder: Decoder; text: Tokenizer },
  prompt: string | Message[],
): TrainerError | undefined {
  try {
    checkPrompt(encodePrompt(text, prompt), decoder.config, 'prompt')
    return undefined
  } catch (error) {
    if (error instanceof TrainerError) return error
    throw error
  }
}

/** One answer per prompt, in order; prompts are answered together. */
export async function answer(
  { decoder, text }: { decoder: Decoder; text: Tokenizer },
  prompts: readonly (string | Message[])[],
  options: TextOptions,
): Promise<Answer[]> {
  const { stop = [], onText, isStopped } = options
  const promptTokens = prompts.map((prompt) => encodePrompt(text, prompt))
  const told = prompts.map(() => 0)
  const watchesText = onText !== undefined || stop.length > 0
  const onToken = (row: number, _: number, soFar: readonly number[]): boolean => {
    if (isStopped?.()) return true
    if (!watchesText) return false
    const whole = text.decode(soFar)
    const kept = beforeStop(whole, stop)
    const hasStopped = kept.length < whole.length
    const settled = hasStopped ? kept : kept.slice(0, kept.length - undecided(kept, stop)).replace(incomplete, '')
    const piece = settled.slice(told[row])
    told[row]! += piece.length
    return (piece !== '' && onText?.(row, piece) === true) || hasStopped
  }
  const completions = await decoder.generate(promptTokens, {
    ...options,
    stopTokenIds: [...text.endIds],
    onToken: watchesText || isStopped ? onToken : undefined,
  })
  return completions.map(({ tokens, finish, topLogProbs }, i) => {
    const whole = beforeStop(text.decode(tokens), stop)
    if (whole.length > told[i]!) onText?.(i, whole.slice(told[i]))
    return {
      text: whole,
      tokens,
      promptTokens: promptTokens[i]!,
      finish,
      ...(topLogProbs ? { logprobs: topLogProbs } : {}),
    }
  })
}

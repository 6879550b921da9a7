/**
 * Rows to token ids, with a mask over what is to be learned: the assistant's turns, end token included, and nothing that
 * the user or the template wrote. Each turn is tokenised apart from what stands before it, exactly as a model continues
 * a prompt when it answers.
 */
import { TrainerError } from '../errors.ts'
import { type Message, plainTemplate } from './chat.ts'
import type { Text } from './rows.ts'
import type { Tokenizer } from './tokenizer.ts'

export interface Encoded {
  tokens: number[]
  /** 1 where the token belongs to a completion; never at position 0. */
  mask: number[]
}

/** The share of the room that a prompt keeps when its completion alone would fill all of it. */
const promptShare = 0.25

/** Ids of a prompt as it is put to the model: never none. */
export function encodePrompt(tokenizer: Tokenizer, prompt: Text): number[] {
  if (typeof prompt === 'string') {
    const ids = tokenizer.encodeStart(prompt)
    return ids.length ? ids : [tokenizer.startId]
  }
  const ids = tokenizer.encode((tokenizer.template ?? plainTemplate)(prompt, true))
  return ids.length ? ids : [tokenizer.startId]
}

const messagesOf = (text: Text, role: string): Message[] =>
  typeof text === 'string' ? [{ role, content: text }] : text

function encodeTurns(tokenizer: Tokenizer, messages: Message[], first: number): Encoded {
  const template = tokenizer.template ?? plainTemplate
  const encoded: Encoded = { tokens: [], mask: [] }
  const push = (ids: readonly number[], learned: number) => {
    for (const id of ids) {
      encoded.tokens.push(id)
      encoded.mask.push(learned)
    }
  }
  let written = ''
  for (let turn = first; turn < messages.length; turn++) {
    if (messages[turn].role !== 'assistant') continue
    const open = template(messages.slice(0, turn), true)
    const closed = template(messages.slice(0, turn + 1), false)
    if (!open.startsWith(written) || !closed.startsWith(open))
      throw new TrainerError(
        'bad_input',
        'This chat template rewrites earlier turns: a conversation of several cannot be learned from.',
        {
          where: `message ${turn + 1}`,
          hint: 'Split it into rows of one answer each: prompt and completion.',
        },
      )
    push(tokenizer.encode(open.slice(written.length)), 0)
    const answer = tokenizer.encode(closed.slice(open.length))
    const end = answer.findLastIndex((id) => tokenizer.endIds.has(id))
    push(end === -1 ? [...answer, tokenizer.endId] : answer.slice(0, end + 1), 1)
    if (end !== -1) push(answer.slice(end + 1), 0)
    written = closed
  }
  // What the template writes after the last answer teaches nothing.
  const last = encoded.mask.lastIndexOf(1) + 1
  return { tokens: encoded.tokens.slice(0, last), mask: encoded.mask.slice(0, last) }
}

/** Cuts to `most` tokens: the prompt at its left first, then the completion at its right. No row is dropped. */
export function cut({ tokens, mask }: Encoded, most: number): Encoded {
  const excess = tokens.length - most
  if (excess <= 0) return { tokens, mask }
  const prompt = mask.indexOf(1)
  const kept = Math.min(prompt, Math.max(1, Math.floor(most * promptShare)))
  // Of a conversation whose first answer cannot be kept, the earliest turns go.
  const isSingle = mask.indexOf(0, prompt) === -1
  const start = isSingle ? Math.min(excess, prompt - kept) : excess
  const shorter = { tokens: tokens.slice(start, start + most), mask: mask.slice(start, start + most) }
  shorter.mask[0] = 0
  return shorter
}

/** Prompt and completion as one row of at most `most` tokens. An empty completion is its end token alone. */
export function encodeRow(tokenizer: Tokenizer, prompt: Text, completion: Text, most: number): Encoded {
  if (typeof prompt === 'string' && typeof completion === 'string') {
    const start = encodePrompt(tokenizer, prompt)
    const answer = [...tokenizer.encode(completion), tokenizer.endId]
    const mask = [...start.map(() => 0), ...answer.map(() => 1)]
    return cut({ tokens: [...start, ...answer], mask }, most)
  }
  const before = messagesOf(prompt, 'user')
  const encoded = encodeTurns(tokenizer, [...before, ...messagesOf(completion, 'assistant')], before.length)
  if (!encoded.tokens.length)
    throw new TrainerError('bad_input', 'The completion has no message of the assistant.', { where: 'completion' })
  return cut(encoded, most)
}

/**
 * A whole text, as the chat template has written it where there is one, ended once. What is longer than `most` is cut at its
 * left. Only its end is marked: what was asked in it and what was answered nobody knows.
 */
export function encodeWhole(tokenizer: Tokenizer, whole: string, most: number): Encoded {
  const text = whole.trimEnd()
  // A template writes the start token itself.
  const ids = tokenizer.template ? tokenizer.encode(text) : tokenizer.encodeStart(text)
  const last = ids.findLastIndex((id) => !tokenizer.endIds.has(id))
  const tokens = [...ids.slice(0, last + 1), tokenizer.endId].slice(-most)
  return { tokens, mask: tokens.map((_, i) => Number(i === tokens.length - 1)) }
}

/** A row as a reward model reads it: one score, at the last token. */
export function scored({ tokens }: Encoded): Encoded {
  const mask = tokens.map(() => 0)
  mask[mask.length - 1] = 1
  return { tokens, mask }
}

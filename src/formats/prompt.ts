/**
 * Prompts as a text. One user turn is its own text; anything longer is a transcript that ends with the assistant's mark,
 * and the response then begins with the space that belongs to it (see transcript.ts).
 */
import { badRow, FormatError } from './errors.ts'
import { readMessages } from './messages.ts'
import type { Turn } from './record.ts'
import { assistantMark, isTranscript, parseTranscript, printTranscript, sameTurn } from './transcript.ts'

const isOpenTranscript = (text: string): boolean => text.endsWith(assistantMark) && isTranscript(text)

export interface PromptText {
  turns: Turn[]
  /** What the text of a response has to begin with, and what reading takes off again. */
  lead: '' | ' '
}

export function readPromptText(text: string): PromptText {
  if (text === '') badRow('is empty', 'prompt')
  if (!isOpenTranscript(text)) return { turns: [{ role: 'user', content: text }], lead: '' }
  return { turns: parseTranscript(text.slice(0, -assistantMark.length)), lead: ' ' }
}

/** A prompt as TRL has it: a text or a message list. */
export function readPrompt(value: unknown): PromptText {
  if (typeof value === 'string') return readPromptText(value)
  if (value === undefined || value === null) badRow('is missing', 'prompt')
  return { turns: readMessages(value, 'prompt'), lead: '' }
}

export function writePromptText(turns: Turn[]): { text: string; lead: '' | ' ' } {
  const [only] = turns
  const text =
    turns.length === 1 && only!.role === 'user' && !isOpenTranscript(only!.content)
      ? only!.content
      : printTranscript(turns) + assistantMark
  const back = text === '' ? undefined : readPromptText(text)
  if (back?.turns.length !== turns.length || !back.turns.every((turn, i) => sameTurn(turn, turns[i]!)))
    throw new FormatError('not_expressible', 'this prompt cannot be written as one text', {
      hint: 'Export it in a conversational form, which keeps turns apart.',
    })
  return { text, lead: back.lead }
}

/** Takes the space that the open transcript left to the response. */
export const withoutLead = (content: string, lead: '' | ' '): string =>
  lead && content.startsWith(' ') ? content.slice(1) : content

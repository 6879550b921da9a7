/**
 * Training rows in the shapes that TRL reads (https://huggingface.co/docs/trl/dataset_formats), from JSON lines: texts
 * are strings or lists of messages; a preference row without `prompt` has it as the common start of both responses.
 * The probability that its `chosen` is the better is its `label`, or `soft` as our datasets call it for whoever reads TRL's shapes.
 */
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { TrainerError } from '../errors.ts'
import type { Message } from './chat.ts'

/** A raw text, or a conversation for the model's chat template. */
export type Text = string | Message[]

export interface PromptRow {
  prompt: Text
}
export interface CompletionRow extends PromptRow {
  completion: Text
  weight?: number
}
export interface PreferenceRow extends PromptRow {
  chosen: Text
  rejected: Text
  /** Probability that `chosen` is the better; 0.5 is a tie. */
  label?: number
  margin?: number
  weight?: number
}
export interface UnpairedRow extends PromptRow {
  completion: Text
  desirable: boolean
  weight?: number
}

/** A line of the file before its kind is known. */
export interface Line {
  fields: Record<string, unknown>
  /** File and line number, for messages. */
  where: string
}

const refuse = (line: Line, field: string, message: string, hint?: string): never => {
  throw new TrainerError('bad_input', message, { where: `${line.where}, field ${field}`, hint })
}

/** Reads `.jsonl`, also gzipped; empty lines are passed over. Throws TrainerError with file and line. */
export function readLines(path: string): Line[] {
  const bytes = readFileSync(path)
  const isZipped = bytes[0] === 0x1f && bytes[1] === 0x8b
  const lines: Line[] = []
  // Editors of Windows put a mark before the first line.
  const text = (isZipped ? gunzipSync(bytes) : bytes).toString('utf8').replace(/^\uFEFF/, '')
  text.split('\n').forEach((line, i) => {
    if (!line.trim()) return
    const where = `${path}:${i + 1}`
    let value: unknown
    try {
      value = JSON.parse(line)
    } catch (error) {
      throw new TrainerError('bad_input', 'This line is not JSON.', { where, hint: (error as Error).message })
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new TrainerError('bad_input', 'This line is not a JSON object.', { where })
    lines.push({ fields: value as Record<string, unknown>, where })
  })
  if (!lines.length) throw new TrainerError('bad_input', 'The file has no rows.', { where: path })
  return lines
}

const isMessage = (value: unknown): value is Message =>
  typeof value === 'object' &&
  value !== null &&
  'role' in value &&
  typeof value.role === 'string' &&
  'content' in value &&
  typeof value.content === 'string'

function textAt(line: Line, field: string): Text {
  const value = line.fields[field]
  if (typeof value === 'string') return value
  if (Array.isArray(value) && value.every(isMessage)) return value.map(({ role, content }) => ({ role, content }))
  return refuse(
    line,
    field,
    value === undefined ? `${field} is missing.` : `${field} is neither a text nor a list of messages.`,
    'Messages look like {"role":"user","content":"..."}.',
  )
}

function numberAt(line: Line, field: string, least: number, most: number): number | undefined {
  const value = line.fields[field]
  if (value === undefined || value === null) return undefined
  if (typeof value === 'number' && value >= least && value <= most) return value
  return refuse(line, field, `${field} is ${JSON.stringify(value)}, not a number from ${least} to ${most}.`)
}

const has = (line: Line, field: string) => line.fields[field] !== undefined && line.fields[field] !== null

/** The common start of two responses that carry their prompt with them. */
function splitPrompt(line: Line, chosen: Text, rejected: Text): { prompt: Text; chosen: Text; rejected: Text } {
  if (typeof chosen === 'string' && typeof rejected === 'string') {
    let same = 0
    while (same < chosen.length && chosen[same] === rejected[same]) same++
    // The responses start where a word does.
    while (same > 0 && !/\s/.test(chosen[same - 1])) same--
    if (/\s/.test(chosen[same - 1] ?? '')) same--
    return { prompt: chosen.slice(0, Math.max(0, same)), chosen: chosen.slice(same), rejected: rejected.slice(same) }
  }
  if (typeof chosen === 'string' || typeof rejected === 'string')
    return refuse(line, 'rejected', 'chosen and rejected are of different kinds: one is a text, the other messages.')
  let same = 0
  const shortest = Math.min(chosen.length, rejected.length) - 1
  while (
    same < shortest &&
    chosen[same].role === rejected[same].role &&
    chosen[same].content === rejected[same].content
  )
    same++
  return { prompt: chosen.slice(0, same), chosen: chosen.slice(same), rejected: rejected.slice(same) }
}

export function preferenceRow(line: Line): PreferenceRow {
  const [chosen, rejected] = [textAt(line, 'chosen'), textAt(line, 'rejected')]
  const texts = has(line, 'prompt')
    ? { prompt: textAt(line, 'prompt'), chosen, rejected }
    : splitPrompt(line, chosen, rejected)
  const row: PreferenceRow = { ...texts }
  const label = line.fields.tie === true ? 0.5 : (numberAt(line, 'label', 0, 1) ?? numberAt(line, 'soft', 0, 1))
  const [margin, weight] = [numberAt(line, 'margin', 0, 1e6), numberAt(line, 'weight', 0, 1e6)]
  if (label !== undefined) row.label = label
  if (margin !== undefined) row.margin = margin
  if (weight !== undefined) row.weight = weight
  return row
}

/** A pair with the probably better response as `chosen`; none of a tie, which says nothing of either response alone. */
function decided(line: Line): PreferenceRow[] {
  const row = preferenceRow(line)
  const { chosen, rejected, label = 1 } = row
  if (label === 0.5) return []
  return [label > 0.5 ? row : { ...row, chosen: rejected, rejected: chosen, label: 1 - label }]
}

/**
 * For supervised learning: `text`, `messages`, `prompt` with `completion`, or the better response of a preference row; none
 * of a tie. Throws TrainerError `bad_input` with line and field.
 */
export function completionRows(line: Line): CompletionRow[] {
  const weight = numberAt(line, 'weight', 0, 1e6)
  const rest = weight === undefined ? {} : { weight }
  if (has(line, 'chosen')) {
    const better = has(line, 'rejected')
      ? decided(line)
      : [{ prompt: textAt(line, 'prompt'), chosen: textAt(line, 'chosen') }]
    return better.map(({ prompt, chosen }) => ({ prompt, completion: chosen, ...rest }))
  }
  if (has(line, 'completion'))
    return [{ prompt: textAt(line, 'prompt'), completion: textAt(line, 'completion'), ...rest }]
  if (has(line, 'messages')) {
    const messages = textAt(line, 'messages')
    if (typeof messages === 'string' || !messages.some(({ role }) => role === 'assistant'))
      return refuse(line, 'messages', 'No message of the assistant is there to learn from.')
    return [{ prompt: [], completion: messages, ...rest }]
  }
  if (has(line, 'text')) return [{ prompt: '', completion: textAt(line, 'text'), ...rest }]
  return refuse(
    line,
    'completion',
    'There is nothing to learn from in this row.',
    'Rows have prompt and completion, messages, text, or prompt, chosen and rejected.',
  )
}

/** One row of `prompt`, `completion` and a boolean `label`; or two of a preference row, none of a tie. */
export function unpairedRows(line: Line): UnpairedRow[] {
  const weight = numberAt(line, 'weight', 0, 1e6)
  if (has(line, 'chosen'))
    return decided(line).flatMap(({ prompt, chosen, rejected }) => [
      { prompt, completion: chosen, desirable: true, weight },
      { prompt, completion: rejected, desirable: false, weight },
    ])
  const { label } = line.fields
  if (typeof label !== 'boolean')
    return refuse(line, 'label', `label is ${JSON.stringify(label) ?? 'missing'}, not true or false.`)
  return [{ prompt: textAt(line, 'prompt'), completion: textAt(line, 'completion'), desirable: label, weight }]
}

/** What is asked, for algorithms that answer themselves. */
export function promptRow(line: Line): PromptRow {
  if (has(line, 'prompt')) return { prompt: textAt(line, 'prompt') }
  if (has(line, 'chosen') && has(line, 'rejected')) return { prompt: preferenceRow(line).prompt }
  if (has(line, 'messages')) {
    const messages = textAt(line, 'messages')
    if (typeof messages === 'string') return { prompt: messages }
    const last = messages.findLastIndex(({ role }) => role === 'assistant')
    return { prompt: last === -1 ? messages : messages.slice(0, last) }
  }
  return { prompt: textAt(line, 'prompt') }
}

/** Every text of a row, for the training of a tokenizer. */
export function textsOf(line: Line): string[] {
  const texts: string[] = []
  for (const field of ['prompt', 'completion', 'chosen', 'rejected', 'messages', 'text']) {
    const value = line.fields[field]
    if (typeof value === 'string') texts.push(value)
    else if (Array.isArray(value)) for (const message of value) if (isMessage(message)) texts.push(message.content)
  }
  return texts
}

/** Whether any row is a conversation. */
export const hasMessages = (lines: readonly Line[]): boolean =>
  lines.some(({ fields }) =>
    ['prompt', 'messages', 'chosen', 'completion'].some((field) => Array.isArray(fields[field])),
  )

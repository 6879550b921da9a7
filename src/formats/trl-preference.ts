/**
 * TRL's preference rows: `{prompt, chosen, rejected}` with an explicit prompt, or `{chosen, rejected}` that hold it;
 * texts or message lists. (huggingface.co/docs/trl, "Dataset formats and types")
 */
import { badRow } from './errors.ts'
import { readPair, writePair } from './hh.ts'
import { chosenAndRejected, withMetadata } from './judged.ts'
import { readCompletion, readMessages } from './messages.ts'
import { part, preference } from './pair.ts'
import { readPrompt, withoutLead, writePromptText } from './prompt.ts'
import type { Column, ImportRecord, Response, Row, RowFormat, RowWriter, Turn } from './record.ts'
import { isTranscript, sameTurn } from './transcript.ts'

const isText = (value: unknown): value is string => typeof value === 'string'

/** Two plain texts: the prompt is their common beginning, cut before the word in which they part. */
function readImplicitText(chosen: string, rejected: string, line: number, metadata: Row): ImportRecord {
  if (isTranscript(chosen) && isTranscript(rejected)) return readPair(chosen, rejected, line, metadata)
  let shared = 0
  while (shared < chosen.length && chosen[shared] === rejected[shared]) shared += 1
  while (shared > 0 && !/\s/.test(chosen[shared] ?? rejected[shared] ?? ' ')) shared -= 1
  const prompt = chosen.slice(0, shared)
  if (prompt.trim() === '') badRow('chosen and rejected share no beginning that could be the prompt')
  const turns: Turn[] = [{ role: 'user', content: prompt }]
  return preference(line, turns, { content: chosen.slice(shared) }, { content: rejected.slice(shared) }, metadata)
}

function readImplicit(chosen: unknown, rejected: unknown, line: number, metadata: Row): ImportRecord {
  if (isText(chosen) && isText(rejected)) return readImplicitText(chosen, rejected, line, metadata)
  const parted = part(readMessages(chosen, 'chosen'), readMessages(rejected, 'rejected'))
  const only = (turns: Turn[], side: string) =>
    turns.length === 1 ? { content: turns[0]!.content } : badRow('has several assistant messages in a row', side)
  return preference(line, parted.prompt, only(parted.chosen, 'chosen'), only(parted.rejected, 'rejected'), metadata)
}

/** Some data repeats the prompt at the head of both completions; it is taken off there. */
function afterPrompt(value: unknown, prompt: Turn[]): unknown {
  if (!Array.isArray(value) || value.length <= prompt.length) return value
  return prompt.every((turn, i) => sameTurn(turn, value[i] ?? {})) ? value.slice(prompt.length) : value
}

export const trlPreference: RowFormat = {
  name: 'trl-preference',
  title: 'TRL preference (explicit or implicit prompt, texts or messages)',
  extensions: ['.jsonl', '.jsonl.gz', '.json', '.csv'],
  sniff: (rows) =>
    rows.length > 0 &&
    rows.every(({ chosen, rejected }) => [chosen, rejected].every((v) => isText(v) || Array.isArray(v))),
  read({ prompt, chosen, rejected, ...metadata }, line) {
    if (chosen === undefined || chosen === null) badRow('is missing', 'chosen')
    if (rejected === undefined || rejected === null) badRow('is missing', 'rejected')
    if (prompt === undefined || prompt === null) return readImplicit(chosen, rejected, line, metadata)
    const { turns, lead } = readPrompt(prompt)
    const response = (value: unknown, side: string) => ({
      content: withoutLead(readCompletion(afterPrompt(value, turns), side), lead),
    })
    return preference(line, turns, response(chosen, 'chosen'), response(rejected, 'rejected'), metadata)
  },
}

const columns = (type: Column['type'], ...names: string[]): Column[] => names.map((name) => ({ name, type }))

export const trlPreferenceWriter: RowWriter = {
  name: 'trl-preference',
  title: 'TRL preference, explicit prompt as text',
  columns: columns('string', 'prompt', 'chosen', 'rejected'),
  write(record) {
    const { chosen, rejected } = chosenAndRejected(record)
    const { text, lead } = writePromptText(record.prompt)
    return withMetadata({ prompt: text, chosen: lead + chosen.content, rejected: lead + rejected.content }, record)
  },
}

export const trlPreferenceImplicitWriter: RowWriter = {
  name: 'trl-preference-implicit',
  title: 'TRL preference, implicit prompt (transcripts)',
  columns: columns('string', 'chosen', 'rejected'),
  write: (record) => withMetadata(writePair(record), record),
}

export const trlPreferenceConversationalWriter: RowWriter = {
  name: 'trl-preference-conversational',
  title: 'TRL preference, conversational (message lists)',
  columns: columns('messages', 'prompt', 'chosen', 'rejected'),
  write(record) {
    const { chosen, rejected } = chosenAndRejected(record)
    const message = ({ content }: Response): Turn[] => [{ role: 'assistant', content }]
    return withMetadata({ prompt: record.prompt, chosen: message(chosen), rejected: message(rejected) }, record)
  },
}

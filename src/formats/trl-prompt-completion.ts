/**
 * TRL's prompt-completion rows for supervised fine-tuning, `{prompt, completion}` as texts or message lists, and its
 * conversational language-modelling rows, `{messages}`, whose last message is the completion.
 */
import { badRow } from './errors.ts'
import { demonstrated, withMetadata } from './judged.ts'
import { readCompletion, readMessages } from './messages.ts'
import { readPrompt, withoutLead, writePromptText } from './prompt.ts'
import type { ImportRecord, Row, RowFormat, RowWriter } from './record.ts'

const judgement = { kind: 'demonstration', response: 0 } as const

function readWhole(messages: unknown, line: number, metadata: Row): ImportRecord {
  const turns = readMessages(messages, 'messages')
  const last = turns.at(-1)!
  if (last.role !== 'assistant') badRow("does not end with the assistant's message", 'messages')
  if (turns.length === 1) badRow('holds no prompt before the completion', 'messages')
  return { line, prompt: turns.slice(0, -1), responses: [{ content: last.content }], judgement, metadata }
}

export const trlPromptCompletion: RowFormat = {
  name: 'trl-prompt-completion',
  title: 'TRL prompt-completion or messages (supervised fine-tuning)',
  extensions: ['.jsonl', '.jsonl.gz', '.json', '.csv'],
  sniff: (rows) =>
    rows.length > 0 &&
    rows.every(
      ({ prompt, completion, messages, label }) =>
        Array.isArray(messages) || (prompt !== undefined && completion !== undefined && typeof label !== 'boolean'),
    ),
  read({ prompt, completion, ...rest }, line) {
    if (prompt === undefined && completion === undefined && rest.messages !== undefined) {
      const { messages, ...metadata } = rest
      return readWhole(messages, line, metadata)
    }
    if (completion === undefined || completion === null) badRow('is missing', 'completion')
    const { turns, lead } = readPrompt(prompt)
    const content = withoutLead(readCompletion(completion, 'completion'), lead)
    return { line, prompt: turns, responses: [{ content }], judgement, metadata: rest }
  },
}

export const trlPromptCompletionWriter: RowWriter = {
  name: 'trl-prompt-completion',
  title: 'TRL prompt-completion, as texts',
  columns: [
    { name: 'prompt', type: 'string' },
    { name: 'completion', type: 'string' },
  ],
  write(record) {
    const { text, lead } = writePromptText(record.prompt)
    return withMetadata({ prompt: text, completion: lead + demonstrated(record).content }, record)
  },
}

export const trlPromptCompletionConversationalWriter: RowWriter = {
  name: 'trl-prompt-completion-conversational',
  title: 'TRL prompt-completion, conversational (message lists)',
  columns: [
    { name: 'prompt', type: 'messages' },
    { name: 'completion', type: 'messages' },
  ],
  write(record) {
    const completion = [{ role: 'assistant', content: demonstrated(record).content }]
    return withMetadata({ prompt: record.prompt, completion }, record)
  },
}

/** TRL's prompt-only rows, `{prompt}`: a text or a message list, to be answered by models or people. */

import { withMetadata } from './judged.ts'
import { readPrompt, writePromptText } from './prompt.ts'
import type { RowFormat, RowWriter } from './record.ts'

export const trlPromptOnly: RowFormat = {
  name: 'trl-prompt-only',
  title: 'TRL prompt-only',
  extensions: ['.jsonl', '.jsonl.gz', '.json', '.csv'],
  sniff: (rows) =>
    rows.length > 0 &&
    rows.every(
      ({ prompt, chosen, completion, responses }) =>
        (typeof prompt === 'string' || Array.isArray(prompt)) &&
        chosen === undefined &&
        completion === undefined &&
        responses === undefined,
    ),
  read: ({ prompt, ...metadata }, line) => ({ line, prompt: readPrompt(prompt).turns, responses: [], metadata }),
}

export const trlPromptOnlyWriter: RowWriter = {
  name: 'trl-prompt-only',
  title: 'TRL prompt-only, prompt as text',
  columns: [{ name: 'prompt', type: 'string' }],
  write: (record) => withMetadata({ prompt: writePromptText(record.prompt).text }, record),
}

export const trlPromptOnlyConversationalWriter: RowWriter = {
  name: 'trl-prompt-only-conversational',
  title: 'TRL prompt-only, conversational (message lists)',
  columns: [{ name: 'prompt', type: 'messages' }],
  write: (record) => withMetadata({ prompt: record.prompt }, record),
}

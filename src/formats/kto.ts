/** Unpaired preferences as KTO takes them: `{prompt, completion, label}`, the label true where the answer is wanted. */
import { badRow } from './errors.ts'
import { desirable, withMetadata } from './judged.ts'
import { readCompletion } from './messages.ts'
import { readPrompt, withoutLead, writePromptText } from './prompt.ts'
import type { RowFormat, RowWriter } from './record.ts'

/** Tables have texts only. */
function readLabel(label: unknown): boolean {
  if (typeof label === 'boolean') return label
  if (label === 'true' || label === 'True' || label === '1' || label === 1) return true
  if (label === 'false' || label === 'False' || label === '0' || label === 0) return false
  return badRow('must be true or false', 'label')
}

export const kto: RowFormat = {
  name: 'kto',
  title: 'KTO unpaired preference',
  extensions: ['.jsonl', '.jsonl.gz', '.json', '.csv'],
  sniff: (rows) =>
    rows.length > 0 &&
    rows.every(({ prompt, completion, label }) => {
      if (prompt === undefined || completion === undefined) return false
      return typeof label === 'boolean' || /^(?:true|false)$/i.test(String(label))
    }),
  read({ prompt, completion, label, ...metadata }, line) {
    if (completion === undefined || completion === null) badRow('is missing', 'completion')
    const { turns, lead } = readPrompt(prompt)
    const content = withoutLead(readCompletion(completion, 'completion'), lead)
    const judgement = { kind: 'desirability', response: 0, desirable: readLabel(label) } as const
    return { line, prompt: turns, responses: [{ content }], judgement, metadata }
  },
}

export const ktoWriter: RowWriter = {
  name: 'kto',
  title: 'KTO unpaired preference, as texts',
  columns: [
    { name: 'prompt', type: 'string' },
    { name: 'completion', type: 'string' },
    { name: 'label', type: 'boolean' },
  ],
  write(record) {
    const { response, label } = desirable(record)
    const { text, lead } = writePromptText(record.prompt)
    return withMetadata({ prompt: text, completion: lead + response.content, label }, record)
  },
}

/**
 * Our own JSON lines, which hold a record whole:
 * `{"prompt": text or messages, "responses": [text or {"content", "metadata"}], "judgement"?, "metadata"?}`.
 * With a mapping, any JSON rows.
 */
import { badRow } from './errors.ts'
import { readJudgement } from './judgement.ts'
import { readMapped } from './mapped.ts'
import { readPrompt } from './prompt.ts'
import type { Response, RowFormat, RowWriter } from './record.ts'

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function readResponse(value: unknown, i: number): Response {
  if (typeof value === 'string') return { content: value }
  if (!isObject(value)) return badRow('must be a text or an object with content', `responses[${i}]`)
  const { content, metadata } = value
  if (typeof content !== 'string') return badRow('must be a text', `responses[${i}].content`)
  if (metadata === undefined) return { content }
  return isObject(metadata) ? { content, metadata } : badRow('must be an object', `responses[${i}].metadata`)
}

export const ownJsonl: RowFormat = {
  name: 'jsonl',
  title: 'JSON lines, our own or with a mapping',
  extensions: ['.jsonl', '.jsonl.gz', '.ndjson', '.json'],
  sniff: (rows) =>
    rows.length > 0 && rows.every(({ prompt, responses }) => prompt !== undefined && Array.isArray(responses)),
  read(row, line, { mapping }) {
    if (mapping) return readMapped(row, line, mapping)
    const { prompt, responses: list, judgement, metadata: inner, ...rest } = row
    if (inner !== undefined && !isObject(inner)) badRow('must be an object', 'metadata')
    if (list !== undefined && !Array.isArray(list)) badRow('must be a list', 'responses')
    const responses = (list ?? []).map(readResponse)
    const record = { line, prompt: readPrompt(prompt).turns, responses, metadata: { ...inner, ...rest } }
    return judgement === undefined || judgement === null
      ? record
      : { ...record, judgement: readJudgement(judgement, responses.length) }
  },
}

export const ownJsonlWriter: RowWriter = {
  name: 'jsonl',
  title: 'JSON lines with everything that a record holds',
  columns: [
    { name: 'prompt', type: 'messages' },
    { name: 'responses', type: 'json' },
    { name: 'judgement', type: 'json' },
    { name: 'metadata', type: 'json' },
  ],
  write: ({ prompt, responses, judgement, metadata }) => ({ prompt, responses, judgement, metadata }),
}

/**
 * OpenAssistant message trees, one tree a line: every prompter's message is a prompt with the path that leads to it, its
 * replies are the responses, and the ranks that people gave them a ranking. (Köpf et al. 2023, arXiv:2304.07327)
 *
 * A deleted message is left out with everything below it.
 */
import { badRow } from './errors.ts'
import type { ImportRecord, Judgement, Response, RowFormat, Turn } from './record.ts'

interface Message {
  text: string
  role: 'prompter' | 'assistant'
  deleted: boolean
  rank: number | undefined
  replies: unknown[]
  rest: Record<string, unknown>
}

function readMessage(value: unknown, where: string): Message {
  if (typeof value !== 'object' || value === null) return badRow('must be a message', where)
  const { text, role, rank, deleted, replies, ...rest } = value as Record<string, unknown>
  if (typeof text !== 'string') return badRow('must be a text', `${where}.text`)
  if (role !== 'prompter' && role !== 'assistant') return badRow('must be prompter or assistant', `${where}.role`)
  if (rank !== undefined && rank !== null && !Number.isInteger(rank)) badRow('must be a whole number', `${where}.rank`)
  if (replies !== undefined && replies !== null && !Array.isArray(replies)) badRow('must be a list', `${where}.replies`)
  return {
    text,
    role,
    deleted: deleted === true,
    rank: typeof rank === 'number' ? rank : undefined,
    replies: Array.isArray(replies) ? replies : [],
    rest,
  }
}

/** Best first; replies of equal rank share a tier. Fewer than two ranked ones are no ranking. */
function ranking(replies: Message[]): Judgement | undefined {
  const tiers = new Map<number, number[]>()
  let ranked = 0
  for (const [i, { rank }] of replies.entries()) {
    if (rank === undefined) continue
    ranked += 1
    tiers.set(rank, [...(tiers.get(rank) ?? []), i])
  }
  if (ranked < 2) return undefined
  return { kind: 'ranking', tiers: [...tiers].sort(([a], [b]) => a - b).map(([, tier]) => tier) }
}

function walk(message: Message, path: Turn[], where: string, line: number, out: ImportRecord[]): void {
  const prompt: Turn[] = [...path, { role: 'user', content: message.text }]
  const replies: Message[] = []
  for (const [i, value] of message.replies.entries()) {
    const reply = readMessage(value, `${where}.replies[${i}]`)
    if (reply.role !== 'assistant')
      badRow("must answer a prompter's message as assistant", `${where}.replies[${i}].role`)
    if (!reply.deleted) replies.push(reply)
  }
  const judgement = ranking(replies)
  const responses: Response[] = replies.map(({ text, rest }) => ({ content: text, metadata: rest }))
  const record: ImportRecord = { line, prompt, responses, metadata: message.rest }
  out.push(judgement ? { ...record, judgement } : record)
  for (const [i, reply] of replies.entries()) {
    for (const [j, value] of reply.replies.entries()) {
      const at = `${where}.replies[${i}].replies[${j}]`
      const next = readMessage(value, at)
      if (next.role !== 'prompter') badRow("must answer an assistant's message as prompter", `${at}.role`)
      if (!next.deleted) walk(next, [...prompt, { role: 'assistant', content: reply.text }], at, line, out)
    }
  }
}

export const oasst: RowFormat = {
  name: 'oasst',
  title: 'OpenAssistant message trees with rankings',
  extensions: ['.jsonl', '.jsonl.gz'],
  sniff: (rows) =>
    rows.length > 0 &&
    rows.every(({ message_tree_id, prompt }) => message_tree_id !== undefined && typeof prompt === 'object'),
  read({ prompt }, line) {
    const root = readMessage(prompt, 'prompt')
    if (root.role !== 'prompter') badRow('must be prompter', 'prompt.role')
    const records: ImportRecord[] = []
    if (!root.deleted) walk(root, [], 'prompt', line, records)
    return records
  },
}

/** Message lists, `[{"role", "content"}, ...]`: the conversational form of TRL and of most chat data. */
import { badRow } from './errors.ts'
import type { Role, Turn } from './record.ts'

const roles: ReadonlySet<unknown> = new Set<Role>(['system', 'user', 'assistant'])

/** Reads a message list; `field` names it in the reason. An empty list is refused. */
export function readMessages(value: unknown, field: string): Turn[] {
  if (!Array.isArray(value)) return badRow('must be a text or a list of messages', field)
  if (value.length === 0) badRow('is an empty list', field)
  return value.map((message: unknown, i) => {
    if (typeof message !== 'object' || message === null)
      return badRow('must be an object with role and content', `${field}[${i}]`)
    const { role, content } = message as Record<string, unknown>
    if (!roles.has(role))
      badRow(`must be system, user or assistant, not ${JSON.stringify(role)}`, `${field}[${i}].role`)
    if (typeof content !== 'string') return badRow('must be a text', `${field}[${i}].content`)
    return { role: role as Role, content }
  })
}

/** A completion: a text, or a list of exactly one assistant message. */
export function readCompletion(value: unknown, field: string): string {
  if (typeof value === 'string') return value
  const turns = readMessages(value, field)
  const [only] = turns
  if (turns.length !== 1 || only!.role !== 'assistant') badRow('must hold exactly one message, of the assistant', field)
  return only!.content
}

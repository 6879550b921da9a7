/** Whatever a request or a render threw, in the one form that a person is shown. */
import { isProblem, type Problem } from '../platform/errors.ts'

const text = (value: unknown): string | undefined => (typeof value === 'string' && value ? value : undefined)
const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined

/** A request that was given up, by navigation or by the person: nothing to report. */
export const isAborted = (error: unknown): boolean => field(error, 'name') === 'AbortError'

/**
 * Understands our own problems, those that came over the wire (as thrown by the typed client, or as plain JSON
 * `{code, message, where, hint}`), and the browser's `TypeError` for a request that reached nobody.
 */
export function problemOf(error: unknown): Problem {
  const data = field(error, 'data')
  const code = text(field(data, 'code')) ?? text(field(error, 'code'))
  if (isProblem(error) || (code && text(field(error, 'message')))) {
    return {
      code: (code ?? 'internal').toLowerCase(),
      message: text(field(data, 'message')) ?? text(field(error, 'message')) ?? 'Something went wrong.',
      where: text(field(data, 'where')) ?? text(field(error, 'where')),
      hint: text(field(data, 'hint')) ?? text(field(error, 'hint')),
    }
  }
  if (error instanceof TypeError && /fetch|network|load failed/i.test(error.message)) {
    return {
      code: 'offline',
      message: 'The server did not answer.',
      hint: 'Check the connection and try again. What you typed is still here.',
    }
  }
  return {
    code: 'internal',
    message: 'Something went wrong on this page.',
    where: error instanceof Error ? error.message.slice(0, 200) : undefined,
    hint: 'Try again. If it keeps happening, tell your operator what you did just before.',
  }
}

/** Trying again can help only where the fault was not in the question itself. */
export const isWorthRetrying = (error: unknown): boolean =>
  ['offline', 'unavailable', 'too_many_requests', 'service_unavailable'].includes(problemOf(error).code)

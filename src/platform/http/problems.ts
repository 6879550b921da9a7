/** Every failure of the API in the one form: `{code, message, where, hint}`, with the status of its code. */
import { ORPCError } from '@orpc/server'
import type { Logger } from 'pino'
import { httpStatusOf, isProblem, type Problem, toProblem } from '../errors.ts'

interface Issue {
  message: string
  path?: readonly PropertyKey[]
}

const issuesOf = (error: ORPCError<string, unknown>): Issue[] =>
  ((error.data as { issues?: Issue[] } | undefined)?.issues ?? []) as Issue[]

/** A failed input check names the field; a body that is no JSON says so; the rest of oRPC's errors keep their message. */
function problemOf(error: ORPCError<string, unknown>): Problem {
  const data = error.data as Problem | undefined
  if (data && typeof data === 'object' && 'code' in data && 'message' in data) return data
  const [issue] = issuesOf(error)
  if (error.status === 400 && issue) {
    const path = (issue.path ?? []).map((key) =>
      typeof key === 'object' ? String((key as { key: PropertyKey }).key) : String(key),
    )
    return { code: 'bad_input', message: issue.message, where: path.join('.') || 'body' }
  }
  if (error.status === 400)
    return { code: 'bad_input', message: 'The request body could not be read.', where: 'body', hint: 'Send JSON.' }
  if (error.status === 404) return { code: 'not_found', message: error.message }
  return toProblem(undefined)
}

/** What a handler threw, as an error that carries its problem to the client. What is not a problem goes to the log only. */
export function toApiError(error: unknown, log: Logger, requestId: string): ORPCError<string, Problem> {
  const isInputError = error instanceof ORPCError && error.status < 500
  if (!isProblem(error) && !isInputError) log.error({ requestId, err: error }, 'a handler failed')
  const problem = isInputError ? problemOf(error) : toProblem(error)
  if (problem.code === 'internal') problem.hint = `Try again; the log has the details under ${requestId}.`
  return new ORPCError(problem.code, {
    status: httpStatusOf(problem.code),
    message: problem.message,
    data: problem,
    cause: error,
  })
}

export const problemBody = (error: ORPCError<string, unknown>): Problem => problemOf(error)

/** A problem as a plain response, for what is answered outside of the contract. */
export const problemResponse = (problem: Problem): Response =>
  Response.json(problem, { status: httpStatusOf(problem.code) })

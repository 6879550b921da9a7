/** The one error type: a stable code, what is wrong, where, and what to do about it. */

/** Stable codes and the HTTP status each answers with. A code is never renamed. */
const statusOf = {
  bad_input: 400,
  not_signed_in: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  lease_lost: 409,
  gates_not_passed: 409,
  gone: 410,
  too_large: 413,
  too_many_requests: 429,
  internal: 500,
  unavailable: 503,
} as const

export type KnownCode = keyof typeof statusOf
/** A code of ours, or one that an engine brings along (snake_case, see `isProblem`). */
type Code = KnownCode | (string & {})

/** What a user is shown of an error, on a screen, by the API and on the command line alike. */
export interface Problem {
  code: Code
  message: string
  /** The place of the fault: a file and line, a field, a row. */
  where?: string
  /** What to do about it. */
  hint?: string
}

export class PlumblineError extends Error implements Problem {
  readonly code: Code
  readonly where?: string
  readonly hint?: string
  /** What a message has no room for, as JSON: a job that ends so has it as its result. */
  readonly details?: unknown

  constructor({ code, message, where, hint }: Problem, options?: { cause?: unknown; details?: unknown }) {
    super(message, options)
    this.name = 'PlumblineError'
    this.code = code
    this.where = where
    this.hint = hint
    this.details = options?.details
  }
}

/** Throws a `PlumblineError`; reads as a sentence: `fail('not_found', 'There is no such project.')`. */
export function fail(
  code: Code,
  message: string,
  { where, hint, ...rest }: { where?: string; hint?: string; cause?: unknown; details?: unknown } = {},
): never {
  throw new PlumblineError({ code, message, where, hint }, rest)
}

/**
 * Engines import nothing of ours, so their errors are known by form alone: an `Error` with a snake_case `code`.
 * Node's own codes are upper case (`ENOENT`) and never pass.
 */
export function isProblem(error: unknown): error is Error & Problem {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && /^[a-z][a-z0-9_]*$/.test(error.code)
  )
}

/** Gives any thrown value the form that a user may see. What is not a problem of ours tells nothing of itself. */
export function toProblem(error: unknown): Problem {
  if (isProblem(error)) {
    const problem: Problem = { code: error.code, message: error.message }
    if (error.where) problem.where = error.where
    if (error.hint) problem.hint = error.hint
    return problem
  }
  return {
    code: 'internal',
    message: 'Something went wrong inside Plumbline.',
    hint: 'Try again; the log has the details under the request id.',
  }
}

export const httpStatusOf = (code: Code): number => (code in statusOf ? statusOf[code as KnownCode] : 400)

/** The one error of this library: a stable code, what is wrong, where, and what to do about it. */
export class StatsError extends Error {
  readonly code: string
  /** File and line, argument, or row of the fault. */
  readonly where?: string
  readonly hint?: string

  constructor(code: string, message: string, rest: { where?: string; hint?: string } = {}) {
    super(message)
    this.name = 'StatsError'
    this.code = code
    this.where = rest.where
    this.hint = rest.hint
  }
}

/** Throws `bad_input`; reads as a sentence: `refuse('The share must lie between 0 and 1.')`. */
export function refuse(message: string, rest: { where?: string; hint?: string } = {}): never {
  throw new StatsError('bad_input', message, rest)
}

/** The one error of the trainer. Whoever embeds it recognises it by form: an `Error` with a snake_case `code`. */

export type TrainerCode = 'bad_input' | 'not_found' | 'too_large' | 'unavailable' | 'diverged'

export class TrainerError extends Error {
  readonly code: TrainerCode
  /** The place of the fault: a file and field, a tensor, a row. */
  readonly where?: string
  /** What to do about it. */
  readonly hint?: string

  constructor(code: TrainerCode, message: string, rest: { where?: string; hint?: string; cause?: unknown } = {}) {
    super(message, { cause: rest.cause })
    this.name = 'TrainerError'
    this.code = code
    this.where = rest.where
    this.hint = rest.hint
  }
}

/** The one error of this engine: a user's pattern that cannot be used, with the place of the fault in it. */
export class CheckError extends Error {
  readonly code: 'bad_pattern' | 'unknown_language'
  readonly where?: string
  readonly hint?: string

  constructor(code: CheckError['code'], message: string, { where, hint }: { where?: string; hint?: string } = {}) {
    super(message)
    this.name = 'CheckError'
    this.code = code
    this.where = where
    this.hint = hint
  }
}

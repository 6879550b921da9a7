/** The one error of this engine. Its form (code, where, hint) is the one that the platform shows to users. */

export type FormatCode = 'bad_row' | 'bad_mapping' | 'unknown_format' | 'not_expressible'

export class FormatError extends Error {
  readonly code: FormatCode
  /** The field, column or option at fault. */
  readonly where?: string
  readonly hint?: string

  constructor(code: FormatCode, message: string, { where, hint }: { where?: string; hint?: string } = {}) {
    super(message)
    this.name = 'FormatError'
    this.code = code
    this.where = where
    this.hint = hint
  }
}

/** Refuses one row; the driver turns this into a `Problem` with the row's line. */
export function badRow(reason: string, where?: string): never {
  throw new FormatError('bad_row', reason, { where })
}

/** What a checker of text says: where something stands, and what it is. */

export interface Finding {
  /** Stable name in snake_case: `email`, `iban`, `loop`. */
  kind: string
  /** UTF-16 offsets into the text, end exclusive, as `text.slice(start, end)` takes them. */
  start: number
  end: number
  /** What more is known: the country of an IBAN, the language of a paragraph. */
  note?: string
}

export interface Checker {
  name: string
  title: string
  /** Findings by start. Pure, and linear in the length of the text whatever the text. */
  check(text: string): Finding[]
}

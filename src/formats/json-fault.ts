/** Finds where a text stops being JSON. Run only on what `JSON.parse` refused, whose own words differ by Node version. */

export interface SyntaxFault {
  /** Character from 1. */
  column: number
  reason: string
}

type Expected = 'a value' | 'a value or ]' | 'a key' | 'a key or }' | ':' | ', or }' | ', or ]' | 'the end'

/** The first fault of a text that is not JSON. */
export function syntaxFault(text: string): SyntaxFault {
  const open: ('}' | ']')[] = []
  let expected: Expected = 'a value'
  let at = 0
  let isComma = false
  const after = (): Expected => (open.length === 0 ? 'the end' : `, or ${open.at(-1)!}`)
  const invalid = (column: number, reason: string) => ({ column, reason: `is not valid JSON: ${reason}` })

  for (;;) {
    while (at < text.length && ' \t\r\n'.includes(text[at]!)) at += 1
    const found: string | undefined = text[at]
    const wantsValue: boolean = expected === 'a value' || expected === 'a value or ]'
    const wantsKey: boolean = expected === 'a key' || expected === 'a key or }'
    if (found === undefined) return invalid(at + 1, 'it ends too early')
    const isAfterComma: boolean = isComma
    isComma = found === ','
    if (found === '"' && (wantsValue || wantsKey)) {
      const end = stringEnd(text, at)
      if (typeof end !== 'number') return invalid(end.column, end.reason)
      at = end
      expected = wantsKey ? ':' : after()
    } else if ((found === '{' || found === '[') && wantsValue) {
      open.push(found === '{' ? '}' : ']')
      expected = found === '{' ? 'a key or }' : 'a value or ]'
      at += 1
    } else if ((found === '}' || found === ']') && expected.endsWith(found)) {
      open.pop()
      expected = after()
      at += 1
    } else if (found === ':' && expected === ':') {
      expected = 'a value'
      at += 1
    } else if (found === ',' && expected.startsWith(',')) {
      expected = open.at(-1) === '}' ? 'a key' : 'a value'
      at += 1
    } else {
      scalar.lastIndex = at
      const value = wantsValue ? scalar.exec(text) : null
      if (!value) return invalid(at + 1, reasonFor(text.slice(at, at + 13).trimEnd(), expected, isAfterComma))
      at = scalar.lastIndex
      expected = after()
    }
  }
}

const scalar = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])/y

function reasonFor(found: string, expected: Expected, isAfterComma: boolean): string {
  if (/^-?(?:NaN|Infinity)/.test(found)) return 'NaN and Infinity are no numbers there; write null'
  if (found.startsWith("'")) return "texts stand in double quotes, not in '"
  if (/^[}\]]/.test(found) && isAfterComma) return 'there is nothing after the comma'
  return `expected ${expected}, found ${JSON.stringify(found.length > 12 ? `${found.slice(0, 12)}…` : found)}`
}

/** Where a string ends, or its fault: an unknown escape, a bare control character, no end. */
function stringEnd(text: string, start: number): number | SyntaxFault {
  for (let i = start + 1; i < text.length; i++) {
    const character = text[i]!
    if (character === '"') return i + 1
    if (character < ' ')
      return { column: i + 1, reason: `the control character ${JSON.stringify(character)} must be escaped` }
    if (character === '\\') {
      if (!/^\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/.test(text.slice(i, i + 6)))
        return { column: i + 1, reason: `${JSON.stringify(text.slice(i, i + 2))} is no escape` }
      i += 1
    }
  }
  return { column: start + 1, reason: 'the text that begins here has no end' }
}

/** Tells mathematics from money before Markdown is parsed. Pure. */

const CODE = /(?:^|\n)[ \t]*(`{3,}|~{3,})[\s\S]*?(?:\n[ \t]*\1|$)|(`+)(?!`)[\s\S]*?[^`]\2(?!`)/g

/**
 * Rewrites `\(x\)` and `\[x\]`, which models write as often as dollars, to the dollars that the parser knows; and escapes
 * each single dollar that opens no formula, so that "$5 and $10" stays money. The rule is Pandoc's: a formula opens with a
 * dollar followed by no space, and closes with one after no space and before no digit, within its paragraph.
 * Code is left alone. `dollarsOf('costs $5, not $10')` is `costs \$5, not \$10`.
 */
export function dollarsOf(text: string): string {
  if (!/[$\\]/.test(text)) return text
  let out = ''
  let from = 0
  for (const code of text.matchAll(CODE)) {
    out += prose(text.slice(from, code.index)) + code[0]
    from = code.index + code[0].length
  }
  return out + prose(text.slice(from))
}

const prose = (text: string): string =>
  latex(text)
    .split(/(\n\s*\n)/)
    .map(escapeMoney)
    .join('')

/** A formula is shorter than this; without a bound, unclosed brackets would cost the square of their number. */
const longestFormula = 4000

function latex(text: string): string {
  let out = ''
  let from = 0
  const ends: Record<string, number> = { '(': -1, '[': -1 }
  for (const { 0: opening, index } of text.matchAll(/\\[([]/g)) {
    if (index < from) continue
    const bracket = opening[1]!
    // The next closing one is looked for only when the last one found lies behind us.
    if (ends[bracket]! < index + 2 && ends[bracket] !== text.length) {
      const end = text.indexOf(bracket === '(' ? '\\)' : '\\]', index + 2)
      ends[bracket] = end < 0 ? text.length : end
    }
    const end = ends[bracket]!
    if (end === text.length || end - index > longestFormula) continue
    const formula = text.slice(index + 2, end)
    const indent = /(?:^|\n)([ \t]*)$/.exec(text.slice(Math.max(0, index - 40), index))?.[1]
    const block = bracket === '[' && indent !== undefined
    if (!formula.trim() || (!block && /\n\s*\n/.test(formula))) continue
    out += text.slice(from, index)
    if (bracket === '(') out += `$${formula.trim()}$`
    else out += block ? `$$\n${indent}${formula.trim()}\n${indent}$$` : `$$${formula.trim()}$$`
    from = end + 2
  }
  return out + text.slice(from)
}

/** One paragraph: keeps pairs that make a formula, escapes the single dollars that are left. */
function escapeMoney(paragraph: string): string {
  let out = ''
  let at = 0
  // Once no dollar can close a formula, none further left could: this keeps a line of dollars linear.
  let lastClose = -1
  for (const { index } of paragraph.matchAll(/\$/g)) if (closes(paragraph, index)) lastClose = index
  while (at < paragraph.length) {
    const char = paragraph[at]!
    if (char === '\\') {
      out += paragraph.slice(at, at + 2)
      at += 2
    } else if (char !== '$') {
      out += char
      at++
    } else if (paragraph[at + 1] === '$') {
      const end = paragraph.indexOf('$$', at + 2)
      const stop = end < 0 ? at + 2 : end + 2
      out += paragraph.slice(at, stop)
      at = stop
    } else {
      const end = opens(paragraph, at) && at < lastClose ? closing(paragraph, at + 1) : -1
      out += end < 0 ? '\\$' : paragraph.slice(at, end + 1)
      at = end < 0 ? at + 1 : end + 1
    }
  }
  return out
}

const opens = (text: string, at: number) => /\S/.test(text[at + 1] ?? ' ')
const closes = (text: string, at: number) =>
  /[^\s\\]/.test(text[at - 1] ?? ' ') && !/[\d$]/.test(text[at + 1] ?? ' ') && text[at - 1] !== '$'

function closing(text: string, from: number): number {
  for (let at = text.indexOf('$', from + 1); at >= 0; at = text.indexOf('$', at + 1)) if (closes(text, at)) return at
  return -1
}

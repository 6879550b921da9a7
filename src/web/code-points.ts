/** Places in a text counted in Unicode code points, as Python and most of the field count them; browsers count UTF-16 units. Pure. */

/** From UTF-16 units to code points; a place inside a surrogate pair counts as before it. */
export function toCodePoints(text: string, unit: number): number {
  let points = 0
  let at = 0
  while (at < unit && at < text.length) {
    at += text.codePointAt(at)! > 0xffff ? 2 : 1
    if (at <= unit) points++
  }
  return points
}

/** From code points to UTF-16 units. */
export function toUnits(text: string, point: number): number {
  let at = 0
  for (let points = 0; points < point && at < text.length; points++) at += text.codePointAt(at)! > 0xffff ? 2 : 1
  return at
}

/** The text between two code point places. */
export const sliceCodePoints = (text: string, start: number, end: number): string =>
  text.slice(toUnits(text, start), toUnits(text, end))

const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' })

/**
 * Widens a range of UTF-16 units until it cuts no character that a person sees as one (flags, skin tones, accents), and
 * narrows it past white space at its ends. Undefined where nothing but white space is left.
 */
export function wholeCharacters(text: string, from: number, to: number): { from: number; to: number } | undefined {
  const segments = graphemes.segment(text)
  const first = segments.containing(from)
  const last = to > 0 ? segments.containing(to - 1) : undefined
  if (!first || !last || from >= to) return undefined
  const inside = text.slice(first.index, last.index + last.segment.length)
  const start = first.index + (inside.length - inside.trimStart().length)
  const end = first.index + inside.trimEnd().length
  return start < end ? { from: start, to: end } : undefined
}

export interface Span {
  id: string
  /** Code point places in the text, the end exclusive. */
  start: number
  end: number
  label?: string
}

interface Piece {
  text: string
  /** Ids of the spans that cover the piece, in the order of the spans. */
  spans: string[]
}

/** Cuts a text at every border of a span; joined, the pieces are the text again. */
export function piecesOf(text: string, spans: readonly Span[]): Piece[] {
  const borders = new Set([0, text.length])
  const placed = spans.map(({ id, start, end }) => ({ id, from: toUnits(text, start), to: toUnits(text, end) }))
  for (const { from, to } of placed) borders.add(from).add(to)
  const cuts = [...borders].sort((a, b) => a - b)
  return cuts.slice(1).map((to, index) => {
    const from = cuts[index]!
    return {
      text: text.slice(from, to),
      spans: placed.filter((span) => span.from <= from && span.to >= to && span.from < span.to).map(({ id }) => id),
    }
  })
}

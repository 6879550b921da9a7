/**
 * Text that goes round in circles, as models do when they fail: the same characters, words or lines again and again.
 *
 * A run has period p where every unit equals the one p before it. For each period up to a fixed bound one pass finds the
 * maximal runs, so the time is the bound times the length. A run counts from three full repetitions on, and only where
 * it is long enough not to be "no, no, no".
 */
import type { Checker, Finding } from './finding.ts'

interface Unit {
  /** What is compared. */
  key: string
  start: number
  end: number
}

interface Run {
  from: number
  /** Exclusive. */
  to: number
  period: number
}

/** Maximal runs of at least `times` repetitions with periods 1 to `longest`, longer periods only where no shorter one holds. */
export function runs(keys: ArrayLike<unknown>, longest: number, times: number): Run[] {
  const found: Run[] = []
  const covered = new Uint8Array(keys.length)
  for (let period = 1; period <= longest; period++) {
    let from = 0
    for (let i = period; i <= keys.length; i++) {
      if (i < keys.length && keys[i] === keys[i - period]) continue
      if (i - from >= period * times && !covered[from]) {
        found.push({ from, to: i, period })
        covered.fill(1, from, i)
      }
      from = i - period + 1
    }
  }
  return found.sort((a, b) => a.from - b.from)
}

function split(text: string, pattern: RegExp): Unit[] {
  return Array.from(text.matchAll(pattern), (match) => ({
    key: match[0].trim().toLowerCase(),
    start: match.index,
    end: match.index + match[0].length,
  }))
}

const longestPeriod = { characters: 8, words: 40, lines: 8 }
/** Shorter loops are rhetoric. */
const least = { characters: 24, words: 40, lines: 40 }

function loops(units: Unit[], longest: number, leastLength: number, note: string): Finding[] {
  return runs(
    units.map(({ key }) => key),
    longest,
    3,
  ).flatMap(({ from, to, period }) => {
    const start = units[from]!.start
    const end = units[to - 1]!.end
    const words = period === 1 ? `one ${note}` : `${period} ${note}s`
    return end - start < leastLength
      ? []
      : [{ kind: 'loop', start, end, note: `${words}, ${Math.floor((to - from) / period)} times` }]
  })
}

/** Rules and table lines of Markdown, and whitespace, repeat a sign and mean it. */
const drawn = /^[\s\-=_*#~.|+:─━═•<>]*$/

/** One word four times and more with nothing but blanks between, which is shorter than a loop and seldom meant. Figures may be a table. */
function stuttered(text: string, units: readonly Unit[]): Finding[] {
  const found: Finding[] = []
  for (let from = 0, to = 1; from < units.length; from = to++) {
    const goesOn = () =>
      units[to]?.key === units[from]!.key && /^[ \t]+$/.test(text.slice(units[to - 1]!.end, units[to]!.start))
    while (goesOn()) to++
    if (to - from < 4 || !/\p{L}/u.test(units[from]!.key)) continue
    found.push({
      kind: 'loop',
      start: units[from]!.start,
      end: units[to - 1]!.end,
      note: `one word, ${to - from} times`,
    })
  }
  return found
}

/** A line that stands in the text several times, though not in one run: answers that start anew. */
function repeatedLines(text: string): Finding[] {
  const seen = new Map<string, number>()
  const again: Finding[] = []
  for (const { key, start, end } of split(text, /[^\n]+/g)) {
    if (key.length < 40) continue
    const count = (seen.get(key) ?? 0) + 1
    seen.set(key, count)
    if (count >= 3) again.push({ kind: 'repeated_line', start, end, note: `${count} times` })
  }
  return again
}

export const repetition: Checker = {
  name: 'repetition',
  title: 'Loops and repeated lines',
  check(text) {
    const characters = runs(text, longestPeriod.characters, 6).flatMap(({ from, to }): Finding[] =>
      to - from < least.characters || drawn.test(text.slice(from, to))
        ? []
        : [{ kind: 'loop', start: from, end: to, note: 'characters' }],
    )
    const units = split(text, /[\p{L}\p{N}]+/gu)
    const words = loops(units, longestPeriod.words, least.words, 'word')
    const lines = loops(split(text, /[^\n]*\S[^\n]*/g), longestPeriod.lines, least.lines, 'line')
    return longest([
      ...characters,
      ...words,
      ...stuttered(text, units),
      ...lines.filter(({ start, end }) => !drawn.test(text.slice(start, end))),
      ...repeatedLines(text),
    ])
  },
}

/** What lies inside another finding says nothing new. */
function longest(findings: Finding[]): Finding[] {
  const kept: Finding[] = []
  for (const finding of findings.sort((a, b) => a.start - b.start || b.end - a.end)) {
    const last = kept.at(-1)
    if (!last || finding.end > last.end) kept.push(finding)
  }
  return kept
}

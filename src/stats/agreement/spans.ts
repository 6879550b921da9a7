/**
 * Agreement of marked spans, as F1 between pairs of annotators: 2 matches / (spans of one + spans of the other), summed over
 * items and pairs. `exact`: same start, end and label; `overlap`: same label and at least one character in common, each span
 * matched at most once, as many as can be; `characters`: characters that both marked with the same label.
 * F1 knows no chance agreement; beside it stands Krippendorff's unitising alpha (`unitizing-alpha.ts`).
 *
 * Worked example: A marks 0-4 and 10-14, B marks 0-4 and 11-15 with the same label: exact 1/2, overlap 1, characters 14/16 = 0.875.
 */
import { createRandom } from '../random.ts'
import { drawTimes, summarise } from '../resampling.ts'
import type { Undefined } from './estimate.ts'

export interface Span {
  item: number
  annotator: number
  /** First character, and the one after the last. */
  start: number
  end: number
  label: string
}

export interface SpanScore {
  estimate: number
  /** Bootstrap over items; absent with fewer than two of them. */
  low?: number
  high?: number
}

export interface SpanAgreement {
  exact: SpanScore
  overlap: SpanScore
  characters: SpanScore
  /** Pairs of annotators on one item, at least one of whom marked something; and the items they are of. */
  pairs: number
  items: number
}

/** What an item adds to the three scores: twice its matches, and what they are divided by. */
interface Tally {
  exact: number
  overlap: number
  spans: number
  common: number
  characters: number
  pairs: number
}

/**
 * @param spans every span marked
 * @param annotatorsOf the annotators who worked on each item, those who marked nothing included
 */
export function spanAgreement(
  spans: readonly Span[],
  annotatorsOf: readonly (readonly number[])[],
  { seed, resamples = 1000, confidence = 0.95 }: { seed: number; resamples?: number; confidence?: number },
): SpanAgreement | Undefined {
  const marked = annotatorsOf.map(() => new Map<number, Span[]>())
  for (const span of spans) {
    const of = marked[span.item]!
    const own = of.get(span.annotator)
    if (own) own.push(span)
    else of.set(span.annotator, [span])
  }
  const tallies = annotatorsOf
    .map((annotators, item) => tallyOf(annotators, marked[item]!))
    .filter(({ pairs }) => pairs > 0)
  if (tallies.length === 0) return { undefined: 'no item with two annotators has a span' }

  const whole = scoresOf(tallies)
  const drawn = { exact: [] as number[], overlap: [] as number[], characters: [] as number[] }
  const random = createRandom(seed)
  for (let b = 0; b < resamples && tallies.length >= 2; b++) {
    const own = scoresOf(tallies, drawTimes(tallies.length, random))
    for (const name of ['exact', 'overlap', 'characters'] as const) drawn[name].push(own[name])
  }
  const score = (name: 'exact' | 'overlap' | 'characters'): SpanScore => {
    if (drawn[name].length === 0) return { estimate: whole[name] }
    const { low, high } = summarise(drawn[name], confidence)
    return { estimate: whole[name], low, high }
  }
  return {
    exact: score('exact'),
    overlap: score('overlap'),
    characters: score('characters'),
    pairs: tallies.reduce((sum, { pairs }) => sum + pairs, 0),
    items: tallies.length,
  }
}

function scoresOf(tallies: readonly Tally[], times?: Float64Array) {
  let [exact, overlap, spans, common, characters] = [0, 0, 0, 0, 0]
  for (const [at, own] of tallies.entries()) {
    const weight = times ? times[at]! : 1
    exact += weight * own.exact
    overlap += weight * own.overlap
    spans += weight * own.spans
    common += weight * own.common
    characters += weight * own.characters
  }
  return { exact: (2 * exact) / spans, overlap: (2 * overlap) / spans, characters: (2 * common) / characters }
}

function tallyOf(annotators: readonly number[], marked: ReadonlyMap<number, Span[]>): Tally {
  const tally: Tally = { exact: 0, overlap: 0, spans: 0, common: 0, characters: 0, pairs: 0 }
  for (const [at, first] of annotators.entries())
    for (const second of annotators.slice(at + 1)) {
      const a = marked.get(first) ?? []
      const b = marked.get(second) ?? []
      if (a.length + b.length === 0) continue
      tally.pairs++
      tally.spans += a.length + b.length
      tally.exact += matches(a, b, (x, y) => x.start === y.start && x.end === y.end)
      tally.overlap += matches(a, b, (x, y) => x.start < y.end && y.start < x.end)
      const one = runsOf(a)
      const other = runsOf(b)
      tally.characters += lengthOf(one) + lengthOf(other)
      tally.common += commonLength(one, other)
    }
  return tally
}

/** Most pairs of one-to-one matches of the same label (augmenting paths, Kuhn). */
function matches(a: readonly Span[], b: readonly Span[], fits: (x: Span, y: Span) => boolean): number {
  const partner = new Int32Array(b.length).fill(-1)
  const place = (i: number, seen: Uint8Array): boolean => {
    for (let j = 0; j < b.length; j++) {
      if (seen[j] || a[i]!.label !== b[j]!.label || !fits(a[i]!, b[j]!)) continue
      seen[j] = 1
      if (partner[j]! < 0 || place(partner[j]!, seen)) {
        partner[j] = i
        return true
      }
    }
    return false
  }
  let count = 0
  for (let i = 0; i < a.length; i++) if (place(i, new Uint8Array(b.length))) count++
  return count
}

type Runs = Map<string, [number, number][]>

/** Marked stretches by label, those of one label that touch or overlap joined. */
function runsOf(spans: readonly Span[]): Runs {
  const runs: Runs = new Map()
  for (const { start, end, label } of [...spans].sort((x, y) => x.start - y.start)) {
    const own = runs.get(label)
    const last = own?.at(-1)
    if (!own) runs.set(label, [[start, end]])
    else if (last && start <= last[1]) last[1] = Math.max(last[1], end)
    else own.push([start, end])
  }
  return runs
}

function lengthOf(runs: Runs): number {
  let sum = 0
  for (const own of runs.values()) for (const [start, end] of own) sum += end - start
  return sum
}

function commonLength(a: Runs, b: Runs): number {
  let sum = 0
  for (const [label, own] of a)
    for (const [start, end] of own)
      for (const [from, to] of b.get(label) ?? []) sum += Math.max(0, Math.min(end, to) - Math.max(start, from))
  return sum
}

/**
 * Agreement of marked spans, as F1 between pairs of annotators: 2 matches / (spans of one + spans of the other), summed over
 * items and pairs. `exact`: same start, end and label; `overlap`: same label and at least one character in common, each span
 * matched at most once, as many as can be; `characters`: characters that both marked with the same label.
 * F1 knows no chance agreement; beside it stands Krippendorff's unitising alpha (`unitizing-alpha.ts`).
 *
 * Worked example: A marks 0-4 and 10-14, B marks 0-4 and 11-15 with the same label: exact 1/2, overlap 1, characters 14/16 = 0.875.
 */
import type { Undefined } from './estimate.ts'

export interface Span {
  item: number
  annotator: number
  /** First character, and the one after the last. */
  start: number
  end: number
  label: string
}

export interface SpanAgreement {
  exact: number
  overlap: number
  characters: number
  /** Pairs of annotators on one item, at least one of whom marked something. */
  pairs: number
}

/**
 * @param spans every span marked
 * @param annotatorsOf the annotators who worked on each item, those who marked nothing included
 */
export function spanAgreement(
  spans: readonly Span[],
  annotatorsOf: readonly (readonly number[])[],
): SpanAgreement | Undefined {
  const marked = annotatorsOf.map(() => new Map<number, Span[]>())
  for (const span of spans) {
    const of = marked[span.item]!
    const own = of.get(span.annotator)
    if (own) own.push(span)
    else of.set(span.annotator, [span])
  }
  const found = { exact: 0, overlap: 0, spans: 0, common: 0, characters: 0, pairs: 0 }
  for (const [item, annotators] of annotatorsOf.entries())
    for (const [at, first] of annotators.entries())
      for (const second of annotators.slice(at + 1)) {
        const a = marked[item]!.get(first) ?? []
        const b = marked[item]!.get(second) ?? []
        if (a.length + b.length === 0) continue
        found.pairs++
        found.spans += a.length + b.length
        found.exact += matches(a, b, (x, y) => x.start === y.start && x.end === y.end)
        found.overlap += matches(a, b, (x, y) => x.start < y.end && y.start < x.end)
        const one = runsOf(a)
        const other = runsOf(b)
        found.characters += lengthOf(one) + lengthOf(other)
        found.common += commonLength(one, other)
      }
  if (found.pairs === 0) return { undefined: 'no item with two annotators has a span' }
  return {
    exact: (2 * found.exact) / found.spans,
    overlap: (2 * found.overlap) / found.spans,
    characters: (2 * found.common) / found.characters,
    pairs: found.pairs,
  }
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

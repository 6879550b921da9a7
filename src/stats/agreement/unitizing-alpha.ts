/**
 * Krippendorff's alpha for unitising: how far annotators agree on where the units of a category begin and end (Krippendorff 1995,
 * Sociological Methodology 25, 47-76, with the correction of Content Analysis, 2nd ed. 2004, section 11.6). A text of L characters
 * is cut by each annotator into units of the category and the gaps between them.
 *
 * Observed: over pairs of overlapping sections of two annotators, squared distance of the starts plus that of the ends where both
 * are units; squared length of a unit that lies inside a gap of the other; divided by m (m - 1) L^2.
 * Expected: the mean of that over all ways to place every unit against every other unit and gap.
 *
 * Worked example, his Gerret and Gill on 12 characters: observed 0.02777, expected 0.05494, alpha 0.494.
 */
import type { Undefined } from './estimate.ts'
import type { Span } from './spans.ts'

export interface UnitizingAlpha {
  alpha: number
  observed: number
  expected: number
  units: number
}

interface Section {
  start: number
  length: number
  unit: boolean
}

/**
 * @param spans units of one category on one text, those of one annotator without overlap; several texts are laid end to end
 * @param annotators how many worked on the text, those who marked nothing included
 * @param length of the text in characters
 */
export function unitizingAlpha(
  spans: readonly Pick<Span, 'annotator' | 'start' | 'end'>[],
  annotators: number,
  length: number,
): UnitizingAlpha | Undefined {
  if (annotators < 2) return { undefined: 'there is only one annotator' }
  if (spans.length === 0) return { undefined: 'nobody marked a unit' }
  const sections = Array.from({ length: annotators }, (_, g) =>
    cut(
      spans.filter((span) => span.annotator === g),
      length,
    ),
  )
  if (!sections.every((own) => own !== undefined)) return { undefined: 'units of one annotator overlap' }

  let observed = 0
  for (let g = 0; g < annotators; g++)
    for (let h = 0; h < g; h++) observed += 2 * distanceBetween(sections[g]!, sections[h]!)
  observed /= annotators * (annotators - 1) * length * length

  const all = sections.flat() as Section[]
  const units = all.filter((section) => section.unit).map((section) => section.length)
  const gaps = all.filter((section) => !section.unit).map((section) => section.length)
  gaps.sort((a, b) => b - a)
  let placed = 0
  let self = 0
  for (const l of units) {
    self += l * (l - 1)
    placed += ((units.length - 1) * (2 * l ** 3 - 3 * l * l + l)) / 3
    for (const gap of gaps) {
      if (gap < l) break
      placed += l * l * (gap - l + 1)
    }
  }
  const ways = annotators * length * (annotators * length - 1) - self
  const expected = ((2 / length) * placed) / ways
  if (!(expected > 0)) return { undefined: 'every placing of these units would agree: there is nothing to measure' }
  return { alpha: 1 - observed / expected, observed, expected, units: units.length }
}

/** Units and the gaps between them, from 0 to the end of the text; undefined where two units overlap. */
function cut(spans: readonly { start: number; end: number }[], length: number): Section[] | undefined {
  const sections: Section[] = []
  let at = 0
  for (const { start, end } of [...spans].sort((a, b) => a.start - b.start)) {
    if (start < at) return undefined
    if (start > at) sections.push({ start: at, length: start - at, unit: false })
    sections.push({ start, length: end - start, unit: true })
    at = end
  }
  if (at < length) sections.push({ start: at, length: length - at, unit: false })
  return sections
}

function distanceBetween(a: readonly Section[], b: readonly Section[]): number {
  let sum = 0
  let i = 0
  let j = 0
  while (i < a.length && j < b.length) {
    const x = a[i]!
    const y = b[j]!
    const xEnd = x.start + x.length
    const yEnd = y.start + y.length
    if (x.unit && y.unit) sum += (x.start - y.start) ** 2 + (xEnd - yEnd) ** 2
    else if (x.unit && !y.unit && x.start >= y.start && xEnd <= yEnd) sum += x.length ** 2
    else if (y.unit && !x.unit && y.start >= x.start && yEnd <= xEnd) sum += y.length ** 2
    if (xEnd <= yEnd) i++
    if (yEnd <= xEnd) j++
  }
  return sum
}

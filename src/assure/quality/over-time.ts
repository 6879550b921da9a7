/** Days, weeks or months (30 days): as few marks on a chart as can be read. */
const dayMs = 86_400_000
const spans = [
  { every: 'day', ms: dayMs },
  { every: 'week', ms: 7 * dayMs },
  { every: 'month', ms: 30 * dayMs },
] as const

interface Span {
  every: (typeof spans)[number]['every']
  /** The first day of the span that a time (in ms) lies in: 2026-03-02. */
  labelOf(time: number): string
}

/** Days, unless there would be over 40 of them; then weeks, then months. */
export function spanOf(times: number[]): Span {
  const [from, to] = times.reduce(([a, b], time) => [Math.min(a, time), Math.max(b, time)], [Infinity, 0])
  const { every, ms } = spans.find(({ ms }) => to - from <= 40 * ms) ?? spans.at(-1)!
  return { every, labelOf: (time) => new Date(Math.floor(time / ms) * ms).toISOString().slice(0, 10) }
}

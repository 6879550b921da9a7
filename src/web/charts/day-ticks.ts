/** Marks of an axis whose places are days. Pure. */

const dayMs = 86_400_000
const short = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', timeZone: 'UTC' })
const long = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' })

/**
 * At most `most` of the days, evenly chosen, each named once; undefined where the places are numbers or times within a day. Left to
 * itself an axis over three days marks half days, and calls several of them "12 PM".
 */
export function dayTicks(
  places: readonly (number | Date)[],
  most: number,
): { ticks: Date[]; tickFormat: (day: Date) => string } | undefined {
  const days = new Set<number>()
  for (const place of places) {
    if (!(place instanceof Date) || place.getTime() % dayMs !== 0) return undefined
    days.add(place.getTime())
  }
  if (!days.size) return undefined
  const sorted = [...days].sort((a, b) => a - b)
  const step = Math.ceil(sorted.length / Math.max(1, Math.floor(most)))
  const years = new Set(sorted.map((day) => new Date(day).getUTCFullYear()))
  const format = years.size > 1 ? long : short
  return {
    ticks: sorted.filter((_, i) => i % step === 0).map((day) => new Date(day)),
    tickFormat: (day) => format.format(day),
  }
}

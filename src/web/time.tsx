/** Points in time as people say them: "3 min ago", with the exact moment on hover. */
import { useSyncExternalStore } from 'react'

const words = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' })
const exact = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' })
const timeOfDay = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })

const steps: [limitSeconds: number, unit: Intl.RelativeTimeFormatUnit, seconds: number][] = [
  [3600, 'minute', 60],
  [86_400, 'hour', 3600],
  [7 * 86_400, 'day', 86_400],
]

/** "just now", "3 min ago", "in 2 hr.", "yesterday"; a date once it is more than a week away. */
export function relative(at: Date, now: Date): string {
  const seconds = (at.getTime() - now.getTime()) / 1000
  if (Number.isNaN(seconds)) return '–'
  if (Math.abs(seconds) < 45) return 'just now'
  for (const [limit, unit, size] of steps) {
    // Rounding must not say "60 minutes".
    if (Math.round(Math.abs(seconds) / size) * size < limit) return words.format(Math.round(seconds / size), unit)
  }
  return day.format(at)
}

/** The time of day alone: "07:15:02". */
export const clock = (at: Date): string => (Number.isNaN(at.getTime()) ? '–' : timeOfDay.format(at))

/** The exact local moment: "24 Nov 2026, 07:15:02". */
export const moment = (at: Date): string => (Number.isNaN(at.getTime()) ? '–' : exact.format(at))

// One clock for every `Ago` on the page: a thousand rows must not mean a thousand timers.
let now = Date.now()
let timer: ReturnType<typeof setInterval> | undefined
const listeners = new Set<() => void>()
function onTick(listener: () => void): () => void {
  listeners.add(listener)
  timer ??= setInterval(() => {
    now = Date.now()
    for (const each of listeners) each()
  }, 30_000)
  return () => {
    listeners.delete(listener)
    if (listeners.size) return
    clearInterval(timer)
    timer = undefined
  }
}

/** `<Ago at={row.createdAt} />`; takes a Date, an ISO string or epoch milliseconds. */
export function Ago({ at }: { at: Date | string | number }) {
  const ticked = useSyncExternalStore(onTick, () => now)
  const date = new Date(at)
  const valid = !Number.isNaN(date.getTime())
  // A row younger than the last tick would otherwise seem to lie in the future.
  const reference = new Date(Math.max(ticked, Math.min(date.getTime() || 0, Date.now())))
  return (
    <time dateTime={valid ? date.toISOString() : undefined} title={moment(date)}>
      {relative(date, reference)}
    </time>
  )
}

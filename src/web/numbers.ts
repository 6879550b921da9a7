/** How numbers read on every screen: always with their interval and n where they are estimates. Pure. */

/** An estimate with its 95% interval and the number of observations behind it. */
export interface Estimate {
  value: number
  low?: number
  high?: number
  n?: number
}

const NONE = '–'
const grouped = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const byDigits = new Map<number, Intl.NumberFormat>()

function fixed(digits: number): Intl.NumberFormat {
  let format = byDigits.get(digits)
  if (!format) {
    format = new Intl.NumberFormat('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
    byDigits.set(digits, format)
  }
  return format
}

/** `12,345`; a dash for what is no number. */
export const count = (value: number | null | undefined): string =>
  value == null || !Number.isFinite(value) ? NONE : grouped.format(value)

/** `0.63`; a minus zero reads as zero. */
export function decimal(value: number | null | undefined, digits = 2): string {
  if (value == null || !Number.isFinite(value)) return NONE
  const text = fixed(digits).format(value)
  return /^-0(\.0*)?$/.test(text) ? text.slice(1) : text
}

/** A share of 1 as `63%` (or `63.2%`). */
export const percent = (share: number | null | undefined, digits = 0): string =>
  share == null || !Number.isFinite(share) ? NONE : `${decimal(share * 100, digits)}%`

/** `0.63 [0.58, 0.68], n = 212`; as percent `63% [58, 68], n = 212`. */
export function estimate(
  { value, low, high, n }: Estimate,
  { digits, as = 'decimal' }: { digits?: number; as?: 'decimal' | 'percent' } = {},
): string {
  const places = digits ?? (as === 'percent' ? 0 : 2)
  const scale = as === 'percent' ? 100 : 1
  let text = as === 'percent' ? percent(value, places) : decimal(value, places)
  if (low != null && high != null) text += ` [${decimal(low * scale, places)}, ${decimal(high * scale, places)}]`
  if (n != null) text += `, n = ${count(n)}`
  return text
}

/** `850 ms`, `4.2 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`: two units at most. */
export function duration(ms: number | null | undefined): string {
  if (ms == null || !Number.isFinite(ms)) return NONE
  if (ms < 0) return `-${duration(-ms)}`
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 9_950) return `${decimal(ms / 1000, 1).replace('.0', '')} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  const pair = (big: number, unit: string, small: number, smallUnit: string) =>
    small ? `${count(big)} ${unit} ${small} ${smallUnit}` : `${count(big)} ${unit}`
  if (seconds < 3600) return pair(Math.floor(seconds / 60), 'min', seconds % 60, 's')
  const minutes = Math.round(seconds / 60)
  if (minutes < 1440) return pair(Math.floor(minutes / 60), 'h', minutes % 60, 'min')
  const hours = Math.round(minutes / 60)
  return pair(Math.floor(hours / 24), 'd', hours % 24, 'h')
}

/** `1.5 kB`, `93 MB`: powers of 1000, as disks and networks count. */
export function bytes(value: number | null | undefined): string {
  if (value == null || !Number.isFinite(value)) return NONE
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']
  let size = value
  let unit = 0
  while (Math.abs(size) >= 999.5 && unit < units.length - 1) {
    size /= 1000
    unit++
  }
  return `${decimal(size, unit && Math.abs(size) < 9.95 ? 1 : 0)} ${units[unit]}`
}

/** `3 tasks`, `1 task`. */
export const plural = (n: number, one: string, many = `${one}s`): string => `${count(n)} ${n === 1 ? one : many}`

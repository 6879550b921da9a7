/** Equal-width bins. Pure. */

interface Bin {
  /** From inclusive, to exclusive; the last one includes its end. */
  from: number
  to: number
  count: number
}

/** Counts finite values in `bins` bins over their whole range; a single value gets one bin around it. */
export function binned(values: readonly number[], bins: number): Bin[] {
  const finite = values.filter(Number.isFinite)
  if (!finite.length) return []
  // Not Math.min(...): a hundred thousand arguments overflow the stack.
  const low = finite.reduce((a, b) => Math.min(a, b))
  const high = finite.reduce((a, b) => Math.max(a, b))
  if (low === high) return [{ from: low - 0.5, to: low + 0.5, count: finite.length }]
  const width = (high - low) / bins
  const all = Array.from({ length: bins }, (_, index) => ({
    from: low + index * width,
    to: index === bins - 1 ? high : low + (index + 1) * width,
    count: 0,
  }))
  for (const value of finite) all[Math.min(bins - 1, Math.floor((value - low) / width))]!.count++
  return all
}

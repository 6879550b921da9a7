/** Names beside a chart: as much room as they need, up to a share of its width. Pure. */

/** Pixels of a usual letter of the axis; those of East Asia, and pictures, are twice as wide. */
const letter = 8
const lettersIn = (name: string) => Array.from(name).reduce((sum, sign) => sum + (sign >= '\u1100' ? 2 : 1), 0)

/** A name that does not run into its neighbour's; the whole one stands in the tip and in the table. */
export const fitting = (name: string, width: number): string => {
  const room = Math.max(1, Math.floor(width / letter))
  if (lettersIn(name) <= room) return name
  const signs = Array.from(name)
  while (signs.length > 1 && lettersIn(signs.join('')) >= room) signs.pop()
  return `${signs.join('')}…`
}

/** The margin at the left of a chart for the names of its rows, and the axis that they stand on. */
export function roomFor(names: readonly string[], width: number) {
  const marginLeft = Math.min(width * 0.4, letter + letter * Math.max(0, ...names.map(lettersIn)))
  const tickFormat = (name: string) => fitting(name, marginLeft - letter)
  return { marginLeft, y: { label: null, domain: names, tickSize: 0, tickFormat } }
}

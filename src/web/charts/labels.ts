/** Names beside a chart: as much room as they need, up to a share of its width. Pure. */

/** Pixels of a letter of the axis at most. */
const letter = 8

/** A name that does not run into its neighbour's; the whole one stands in the tip and in the table. */
export const fitting = (name: string, width: number): string => {
  const room = Math.max(1, Math.floor(width / letter))
  return name.length <= room ? name : `${name.slice(0, Math.max(1, room - 1))}…`
}

/** The margin at the left of a chart for names of its rows, and how they are written into it. */
export function roomFor(names: readonly string[], width: number) {
  const marginLeft = Math.min(width * 0.4, letter + letter * Math.max(0, ...names.map((name) => name.length)))
  return { marginLeft, tickFormat: (name: string) => fitting(name, marginLeft - letter) }
}

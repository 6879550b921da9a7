/**
 * Places of a lineage's nodes: the model on top, each thing below everything that came of it. A link that passes rows has a
 * bend in each of them, ordered with the nodes, so that it runs beside them and not behind (Sugiyama et al. 1981). Pure.
 */
import type { LineageGraph, LineageNode } from './contract.ts'

/** Pixels of a box, of a bend, and of the room between two. */
export const boxWidth = 176
export const boxHeight = 62
const bendWidth = 12
const gapX = 20
const gapY = 40

export interface Point {
  x: number
  y: number
}

export interface Drawn {
  /** `x`, `y`: the upper left corner. */
  boxes: (LineageNode & Point)[]
  /** From the upper edge of what was there to the lower edge of what came of it, through its bends. */
  lines: { id: string; points: Point[] }[]
  width: number
  height: number
}

/** Longest way down from what nothing came of. A lineage has no circles: a model is never its own ancestor. */
function rowsOf({ nodes, links }: LineageGraph): Map<string, number> {
  const outOf = new Map(nodes.map(({ id }) => [id, links.filter(({ from }) => from === id).map(({ to }) => to)]))
  const rows = new Map<string, number>()
  const rowOf = (id: string): number => {
    const known = rows.get(id)
    if (known !== undefined) return known
    const row = Math.max(-1, ...(outOf.get(id) ?? []).map(rowOf)) + 1
    rows.set(id, row)
    return row
  }
  for (const { id } of nodes) rowOf(id)
  return rows
}

/** A node, or a bend of a link, in a row. */
interface Cell {
  id: string
  width: number
  /** Ids of the cells one row above that it is linked with. */
  above: string[]
}

/** Cells by row, and for each link the cells that it passes, from below to above. */
function cellsOf(graph: LineageGraph): { rows: Cell[][]; ways: { id: string; cells: string[] }[] } {
  const rowOf = rowsOf(graph)
  const rows: Cell[][] = Array.from({ length: Math.max(0, ...rowOf.values()) + 1 }, () => [])
  for (const { id } of graph.nodes) rows[rowOf.get(id)!]!.push({ id, width: boxWidth, above: [] })
  const ways = graph.links.map(({ from, to }) => {
    const id = `${from} ${to}`
    const cells = [from]
    for (let row = rowOf.get(from)! - 1; row > rowOf.get(to)!; row--) {
      cells.push(`${id} ${row}`)
      rows[row]!.push({ id: `${id} ${row}`, width: bendWidth, above: [] })
    }
    return { id, cells: [...cells, to] }
  })
  const byId = new Map(rows.flat().map((cell) => [cell.id, cell]))
  for (const { cells } of ways)
    for (const [i, cell] of cells.slice(0, -1).entries()) byId.get(cell)!.above.push(cells[i + 1]!)
  return { rows, ways }
}

/** Each row in the order of the middle of what lies above its cells; returns the middle of each cell in pixels. */
function middlesOf(rows: readonly Cell[][]): Map<string, number> {
  const middles = new Map<string, number>()
  const widthOf = (row: readonly Cell[]) => row.reduce((sum, { width }) => sum + width + gapX, -gapX)
  const widest = Math.max(...rows.map(widthOf))
  const wish = ({ above }: Cell) =>
    above.length ? above.reduce((sum, id) => sum + middles.get(id)!, 0) / above.length : widest / 2
  for (const row of rows) {
    let x = (widest - widthOf(row)) / 2
    const ordered = row.map((cell) => ({ cell, wish: wish(cell) })).sort((a, b) => a.wish - b.wish)
    for (const { cell } of ordered) {
      middles.set(cell.id, x + cell.width / 2)
      x += cell.width + gapX
    }
  }
  return middles
}

export function layOut(graph: LineageGraph): Drawn {
  const { rows, ways } = cellsOf(graph)
  const middles = middlesOf(rows)
  const rowOf = new Map(rows.flatMap((row, i) => row.map(({ id }) => [id, i] as const)))
  const top = (id: string) => rowOf.get(id)! * (boxHeight + gapY)
  const boxes = graph.nodes.map((node) => ({ ...node, x: middles.get(node.id)! - boxWidth / 2, y: top(node.id) }))
  const lines = ways.map(({ id, cells }) => ({
    id,
    points: cells.flatMap((cell, i): Point[] => {
      const x = middles.get(cell)!
      const [upper, lower] = [
        { x, y: top(cell) },
        { x, y: top(cell) + boxHeight },
      ]
      return i === 0 ? [upper] : i === cells.length - 1 ? [lower] : [lower, upper]
    }),
  }))
  return {
    boxes: boxes.sort((a, b) => a.y - b.y || a.x - b.x),
    lines,
    width: Math.max(...boxes.map(({ x }) => x + boxWidth), ...lines.flatMap(({ points }) => points.map(({ x }) => x))),
    height: rows.length * (boxHeight + gapY) - gapY,
  }
}

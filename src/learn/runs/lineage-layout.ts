/** Places of a lineage's nodes: the model on top, each thing below everything that came of it. Pure. */
import type { LineageGraph, LineageNode } from './contract.ts'

export interface Placed extends LineageNode {
  /** Rows from the top, columns from the left; both from 0, columns may be halves. */
  row: number
  column: number
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

/** Orders each row by the middle of what lies above it, so that few lines cross. */
export function layOut(graph: LineageGraph): Placed[] {
  const rows = rowsOf(graph)
  const height = Math.max(0, ...rows.values()) + 1
  const byRow = Array.from({ length: height }, (_, row) => graph.nodes.filter(({ id }) => rows.get(id) === row))
  const widest = Math.max(...byRow.map((row) => row.length))
  const columns = new Map<string, number>()
  const middle = (id: string) => {
    const above = graph.links.filter(({ from }) => from === id).flatMap(({ to }) => columns.get(to) ?? [])
    return above.length ? above.reduce((sum, column) => sum + column, 0) / above.length : 0
  }
  return byRow.flatMap((nodes, row) => {
    const ordered = nodes.map((node) => ({ node, at: middle(node.id) })).sort((a, b) => a.at - b.at)
    const start = (widest - nodes.length) / 2
    return ordered.map(({ node }, i) => {
      columns.set(node.id, start + i)
      return { ...node, row, column: start + i }
    })
  })
}

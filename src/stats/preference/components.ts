/** Which items can be compared with which: connected parts of the votes, and those within which a maximum is finite. */

/** Numbers the strongly connected components of a graph (Tarjan 1972, without recursion); one id a node. */
export function strongComponents(nodes: number, from: ArrayLike<number>, to: ArrayLike<number>): Int32Array {
  const start = new Int32Array(nodes + 1)
  for (let e = 0; e < from.length; e++) start[from[e]! + 1]!++
  for (let n = 0; n < nodes; n++) start[n + 1]! += start[n]!
  const next = start.slice(0, nodes)
  const target = new Int32Array(from.length)
  for (let e = 0; e < from.length; e++) target[next[from[e]!]!++] = to[e]!

  const component = new Int32Array(nodes).fill(-1)
  const order = new Int32Array(nodes).fill(-1)
  const low = new Int32Array(nodes)
  const cursor = start.slice(0, nodes)
  const open: number[] = []
  const path: number[] = []
  let counter = 0
  let found = 0
  for (let root = 0; root < nodes; root++) {
    if (order[root] !== -1) continue
    path.push(root)
    while (path.length > 0) {
      const node = path[path.length - 1]!
      if (order[node] === -1) {
        order[node] = low[node] = counter++
        open.push(node)
      }
      if (cursor[node]! < start[node + 1]!) {
        const child = target[cursor[node]!++]!
        if (order[child] === -1) path.push(child)
        else if (component[child] === -1) low[node] = Math.min(low[node]!, order[child]!)
        continue
      }
      path.pop()
      const parent = path[path.length - 1]
      if (parent !== undefined) low[parent] = Math.min(low[parent]!, low[node]!)
      if (low[node] !== order[node]) continue
      for (let member = open.pop()!; ; member = open.pop()!) {
        component[member] = found
        if (member === node) break
      }
      found++
    }
  }
  return component
}

/** Numbers the connected parts of an undirected graph, from 0 in the order of their first node. */
export function weakComponents(nodes: number, a: ArrayLike<number>, b: ArrayLike<number>): Int32Array {
  const parent = Int32Array.from({ length: nodes }, (_, n) => n)
  const root = (node: number) => {
    let at = node
    while (parent[at] !== at) at = parent[at] = parent[parent[at]!]!
    return at
  }
  for (let e = 0; e < a.length; e++) {
    const x = root(a[e]!)
    const y = root(b[e]!)
    if (x !== y) parent[Math.max(x, y)] = Math.min(x, y)
  }
  const ids = new Map<number, number>()
  return Int32Array.from({ length: nodes }, (_, n) => {
    const r = root(n)
    if (!ids.has(r)) ids.set(r, ids.size)
    return ids.get(r)!
  })
}

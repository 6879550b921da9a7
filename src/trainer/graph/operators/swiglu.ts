/**
 * SwiGLU: y = silu(g) u with silu(g) = g sigmoid(g).
 * Paper: N. Shazeer, GLU Variants Improve Transformer, arXiv:2002.05202.
 *
 * silu'(g) = s + silu(g) (1 - s) with s = sigmoid(g). Both are computed again in the backward pass instead of kept.
 */
import { apply, type Operator } from '../autodiff.ts'
import type { Graph, Tensor } from '../graph.ts'
import { broadcast } from './rows.ts'

const silu = (graph: Graph, gate: Tensor): Tensor =>
  graph.node('QuickGelu', [gate], gate.shape, { domain: 'com.microsoft', attributes: { alpha: { float: 1 } } })

export const swigluOperator: Operator = {
  name: 'swiglu',
  shape: ([gate, up]) => broadcast(gate!.shape, up!.shape),
  forward: (graph, [gate, up], _, shape) => [graph.node('Mul', [silu(graph, gate!), up], shape)],
  gradient: (graph, flowing, { inputs: [gate, up] }, [wantsGate, wantsUp]) => {
    const shape = gate!.shape
    const activated = silu(graph, gate!)
    const ofUp = wantsUp ? graph.node('Mul', [flowing, activated], shape) : undefined
    if (!wantsGate) return [undefined, ofUp]
    const sigmoid = graph.node('Sigmoid', [gate], shape)
    const rest = graph.node('Sub', [activated, graph.node('Mul', [activated, sigmoid], shape)], shape)
    const slope = graph.node('Add', [sigmoid, rest], shape)
    return [graph.node('Mul', [graph.node('Mul', [flowing, up], shape), slope], shape), ofUp]
  },
}

/** gate, up [..., f] -> [..., f] */
export const swiglu = (gate: Tensor, up: Tensor): Tensor => apply(swigluOperator, [gate, up], undefined)

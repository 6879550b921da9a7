/**
 * SwiGLU: y = silu(g) u with silu(g) = g s and s = sigmoid(g).
 * Paper: N. Shazeer, GLU Variants Improve Transformer, arXiv:2002.05202.
 *
 * du = dy silu(g). As silu'(g) = s + silu(g) (1 - s), also dg = dy u silu'(g) = dy (y + s (u - y)): y is kept anyway,
 * for the layer that follows.
 */
import { apply, type Operator } from '../autodiff.ts'
import type { Graph, Tensor } from '../graph.ts'
import { broadcast } from './rows.ts'

const silu = (graph: Graph, gate: Tensor): Tensor =>
  graph.node('QuickGelu', [gate], gate.shape, { domain: 'com.microsoft', attributes: { alpha: { float: 1 } } })

const swigluOperator: Operator = {
  name: 'swiglu',
  shape: ([gate, up]) => broadcast(gate!.shape, up!.shape),
  forward: (graph, [gate, up], _, shape) => {
    const activated = silu(graph, gate!)
    return [graph.node('Mul', [activated, up], shape), activated]
  },
  gradient: (graph, flowing, { inputs: [gate, up], output, kept: [activated] }, [wantsGate, wantsUp]) => {
    const shape = gate!.shape
    const ofUp = wantsUp ? graph.node('Mul', [flowing, activated], shape) : undefined
    if (!wantsGate) return [undefined, ofUp]
    const sigmoid = graph.node('Sigmoid', [gate], shape)
    const rest = graph.node('Mul', [sigmoid, graph.node('Sub', [up, output], shape)], shape)
    // In the forward pass still: of gate, up, y and silu(gate) two may be left.
    const slope = graph.early(graph.node('Add', [output, rest], shape))
    return [graph.node('Mul', [flowing, slope], shape), ofUp]
  },
}

/** gate, up [..., f] -> [..., f] */
export const swiglu = (gate: Tensor, up: Tensor): Tensor => apply(swigluOperator, [gate, up], undefined)

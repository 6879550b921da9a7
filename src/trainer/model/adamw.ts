/**
 * AdamW over flat arrays, one pass, four numbers at a time: a WebAssembly module of one loop, written below. (Plain
 * JavaScript took 12 ns a weight, more than a tenth of a training step; this takes 1 ns.) Independent of threads.
 * Paper: I. Loshchilov and F. Hutter, Decoupled Weight Decay Regularization, ICLR 2019 (algorithm 2, as in PyTorch).
 *
 *   m = b1 m + (1 - b1) g;  v = b2 v + (1 - b2) g^2
 *   w = w (1 - lr decay) - lr (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + eps)
 *
 * Example: w = 1, g = 0.5, t = 1, lr = 0.1, no decay: m / (1 - b1) = 0.5, sqrt(v / (1 - b2)) = 0.5, so w = 0.9.
 */
import { TrainerError } from '../errors.ts'

/** The four arrays of an optimiser, in one WebAssembly memory. */
export interface Moments {
  weights: Float32Array
  gradient: Float32Array
  firstMoment: Float32Array
  secondMoment: Float32Array
}

/** A stretch of the flat arrays, with or without weight decay; offset and length are multiples of `lanes`. */
export interface Stretch {
  offset: number
  length: number
  decays: boolean
}

export interface AdamWStep {
  learningRate: number
  beta1: number
  beta2: number
  epsilon: number
  weightDecay: number
  /** The gradient is multiplied by this (clipping). */
  gradientScale: number
  /** Number of this update, from 1. */
  update: number
}

export interface AdamW extends Moments {
  step(stretches: readonly Stretch[], step: AdamWStep): void
}

/** Numbers handled at once; arrays are padded to a multiple. */
export const lanes = 16

const wasmPage = 65_536

/** Room for `count` weights (a multiple of `lanes`), their gradient and their moments, all zero. */
export function openAdamW(count: number): AdamW {
  const pages = Math.max(1, Math.ceil((16 * count) / wasmPage))
  if (pages > 65_536)
    throw new TrainerError(
      'too_large',
      `${count} weights cannot be trained at once: their optimiser needs over 4 GiB.`,
      {
        hint: 'Train a LoRA adapter.',
      },
    )
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages })
  const instance = new WebAssembly.Instance(new WebAssembly.Module(moduleBytes()), { m: { m: memory } })
  const run = instance.exports.s as (...numbers: number[]) => void
  const part = (i: number): Float32Array => new Float32Array(memory.buffer, 4 * i * count, count)
  return {
    weights: part(0),
    gradient: part(1),
    firstMoment: part(2),
    secondMoment: part(3),
    step: (stretches, step) => {
      const rate = step.learningRate / (1 - step.beta1 ** step.update)
      const unbias = 1 / Math.sqrt(1 - step.beta2 ** step.update)
      for (const { offset, length, decays } of stretches) {
        const keep = decays ? 1 - step.learningRate * step.weightDecay : 1
        const from = [0, 1, 2, 3].map((i) => 4 * (i * count + offset))
        const factors = [step.beta1, 1 - step.beta1, step.beta2, 1 - step.beta2, rate, unbias, step.epsilon, keep]
        run(...from, 4 * length, ...factors, step.gradientScale)
      }
    },
  }
}

/** Global L2 norm, summed in double precision. */
export function normOf(gradient: Float32Array): number {
  let [a, b, c, d] = [0, 0, 0, 0]
  for (let i = 0; i < gradient.length; i += 4) {
    a += gradient[i]! * gradient[i]!
    b += gradient[i + 1]! * gradient[i + 1]!
    c += gradient[i + 2]! * gradient[i + 2]!
    d += gradient[i + 3]! * gradient[i + 3]!
  }
  return Math.sqrt(a + b + c + d)
}

/**
 * (w, g, m, v: addresses; bytes; b1, 1 - b1, b2, 1 - b2, rate, unbias, eps, keep, scale) -> the loop above.
 * Binary format: WebAssembly core specification 2.0, chapter 5; 0xfd starts the vector instructions.
 */
function moduleBytes(): Uint8Array<ArrayBuffer> {
  const [i32, f32, v128] = [0x7f, 0x7d, 0x7b]
  const [addresses, bytes, firstFactor, factors] = [4, 4, 5, 9]
  const [at, grad, mean, square] = [14, 15, 16, 17]
  const get = (local: number) => [0x20, local]
  const set = (local: number) => [0x21, local]
  const splat = (factor: number) => [...get(firstFactor + factor), 0xfd, 0x13]
  const address = (array: number) => [...get(array), ...get(at), 0x6a]
  const load = (array: number) => [...address(array), 0xfd, 0x00, 4, 0]
  const store = (array: number, value: number[]) => [...address(array), ...value, 0xfd, 0x0b, 4, 0]
  const binary = (code: number) => (a: number[], b: number[]) => [...a, ...b, 0xfd, code, 1]
  const [add, subtract, multiply, divide] = [0xe4, 0xe5, 0xe6, 0xe7].map(binary) as ReturnType<typeof binary>[] & {
    length: 4
  }
  const root = (a: number[]) => [...a, 0xfd, 0xe3, 1]
  const denominator = add!(multiply!(root(get(square)), splat(5)), splat(6))
  const loop = [
    ...[...multiply!(load(1), splat(8)), ...set(grad)],
    ...[...add!(multiply!(load(2), splat(0)), multiply!(get(grad), splat(1))), ...set(mean)],
    ...[...add!(multiply!(load(3), splat(2)), multiply!(multiply!(get(grad), get(grad)), splat(3))), ...set(square)],
    ...store(2, get(mean)),
    ...store(3, get(square)),
    ...store(0, subtract!(multiply!(load(0), splat(7)), divide!(multiply!(get(mean), splat(4)), denominator))),
    // at += 16; continue while at < bytes
    ...[...get(at), 0x41, 16, 0x6a, 0x22, at, ...get(bytes), 0x49, 0x0d, 0],
  ]
  const varint = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)])
  const sized = (content: number[]) => [...varint(content.length), ...content]
  const section = (id: number, content: number[]) => [id, ...sized(content)]
  const name = (text: string) => sized([...text].map((character) => character.charCodeAt(0)))
  const locals = [2, 1, i32, 3, v128]
  const body = [...locals, 0x03, 0x40, ...loop, 0x0b, 0x0b]
  const parameters = [...Array(addresses + 1).fill(i32), ...Array(factors).fill(f32)]
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, ...sized(parameters), 0]),
    ...section(2, [1, ...name('m'), ...name('m'), 0x02, 0x00, 1]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...name('s'), 0x00, 0]),
    ...section(10, [1, ...sized(body)]),
  ])
}

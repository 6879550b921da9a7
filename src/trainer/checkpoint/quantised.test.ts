import { describe, expect, it } from 'vitest'
import { randomOf } from '../random.ts'
import { float16 } from './floats.ts'
import { badBlock, quantisations } from './quantised.ts'

const types = { Q4_0: 2, Q4_1: 3, Q8_0: 8, Q4_K: 12, Q6_K: 14 } as const
type Type = keyof typeof types

const random = randomOf(7)
const upTo = (count: number) => random.integer(count)
const many = (count: number, below: number) => Array.from({ length: count }, () => upTo(below))
/** A binary16 between 2^-10 and 2: its two bytes and its value. */
function half(): { bytes: number[]; value: number } {
  const bits = ((5 + upTo(11)) << 10) | upTo(1024)
  return { bytes: [bits & 255, bits >> 8], value: float16(bits) }
}
const { fround } = Math

/** One block written by the layout that llama.cpp publishes (ggml-common.h), and the numbers that it means. */
const writers: Record<Type, () => { bytes: number[]; numbers: number[] }> = {
  Q8_0: () => {
    const d = half()
    const q = many(32, 256).map((byte) => byte - 128)
    return { bytes: [...d.bytes, ...q.map((value) => value & 255)], numbers: q.map((value) => fround(d.value * value)) }
  },
  Q4_0: () => {
    const d = half()
    const q = many(32, 16)
    const packed = Array.from({ length: 16 }, (_, j) => q[j]! | (q[j + 16]! << 4))
    return { bytes: [...d.bytes, ...packed], numbers: q.map((value) => fround(d.value * (value - 8))) }
  },
  Q4_1: () => {
    const [d, m] = [half(), half()]
    const q = many(32, 16)
    const packed = Array.from({ length: 16 }, (_, j) => q[j]! | (q[j + 16]! << 4))
    return {
      bytes: [...d.bytes, ...m.bytes, ...packed],
      numbers: q.map((value) => fround(d.value * value + m.value)),
    }
  },
  Q4_K: () => {
    const [d, m] = [half(), half()]
    const [scales, minima, q] = [many(8, 64), many(8, 64), many(256, 16)]
    // Bytes 0-3: scales 0-3, above them the upper two bits of scales 4-7; 4-7 the minima alike; 8-11 the lower four bits.
    const first = (of: number[]) => [0, 1, 2, 3].map((j) => of[j]! | ((of[j + 4]! >> 4) << 6))
    const last = [4, 5, 6, 7].map((j) => (scales[j]! & 15) | ((minima[j]! & 15) << 4))
    // Each 32 bytes hold two groups of 32: the first in the low halves.
    const packed = Array.from({ length: 128 }, (_, i) => {
      const [pair, j] = [i >> 5, i & 31]
      return q[pair * 64 + j]! | (q[pair * 64 + 32 + j]! << 4)
    })
    const numbers = q.map((value, i) =>
      fround(fround(fround(d.value * scales[i >> 5]!) * value) - fround(m.value * minima[i >> 5]!)),
    )
    return { bytes: [...d.bytes, ...m.bytes, ...first(scales), ...first(minima), ...last, ...packed], numbers }
  },
  Q6_K: () => {
    const d = half()
    const scales = many(16, 256).map((byte) => byte - 128)
    const q = many(256, 64)
    // Of 128 numbers, four rows of 32: low four bits of rows 0 and 2 share bytes, of 1 and 3 too; two high bits of all four.
    const at = (part: number, row: number, column: number) => q[part * 128 + row * 32 + column]!
    const low = [0, 1].flatMap((part) =>
      [0, 1].flatMap((row) =>
        Array.from({ length: 32 }, (_, j) => (at(part, row, j) & 15) | ((at(part, row + 2, j) & 15) << 4)),
      ),
    )
    const high = [0, 1].flatMap((part) =>
      Array.from({ length: 32 }, (_, j) =>
        [0, 1, 2, 3].reduce((byte, row) => byte | ((at(part, row, j) >> 4) << (2 * row)), 0),
      ),
    )
    return {
      bytes: [...low, ...high, ...scales.map((value) => value & 255), ...d.bytes],
      numbers: q.map((value, i) => fround(fround(d.value * scales[i >> 4]!) * (value - 32))),
    }
  },
}

function written(type: Type, count = 40) {
  const blocks = Array.from({ length: count }, writers[type])
  return {
    bytes: Uint8Array.from(blocks.flatMap(({ bytes }) => bytes)),
    numbers: Float32Array.from(blocks.flatMap(({ numbers }) => numbers)),
  }
}

describe.for(Object.keys(types) as Type[])('%s', (type) => {
  const quantisation = quantisations.get(types[type])!

  it('expands to what the layout says', () => {
    const { bytes, numbers } = written(type)
    expect(bytes.length / 40).toBe(quantisation.bytes)
    const out = new Float32Array(numbers.length)
    quantisation.decode(bytes, out)
    expect(out).toEqual(numbers)
  })

  it('names the block whose scale is not a number', () => {
    const { bytes } = written(type, 5)
    expect(badBlock(bytes, quantisation)).toBe(-1)
    const place = 3 * quantisation.bytes + quantisation.halves.at(-1)!
    bytes[place + 1] = 0x7c
    expect(badBlock(bytes, quantisation)).toBe(3)
  })
})

it.for(['Q4_0', 'Q4_1', 'Q4_K'] as const)('%s means the same numbers once it is repacked', (type) => {
  const { bytes, numbers } = written(type)
  const { nibbles, scales, offsets } = quantisations.get(types[type])!.repack!(bytes)
  expect(nibbles.length).toBe(numbers.length / 2)
  numbers.forEach((expected, i) => {
    const [byte, block] = [nibbles[i >> 1]!, i >> 5]
    const product = scales[block]! * ((i % 2 ? byte >> 4 : byte & 15) - 8)
    const offset = offsets[block]!
    const rounding = 2 ** -23 * (Math.abs(product) + Math.abs(offset) + Math.abs(expected))
    expect(Math.abs(product + offset - expected)).toBeLessThanOrEqual(rounding)
  })
})

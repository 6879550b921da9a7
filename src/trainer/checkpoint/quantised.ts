/**
 * Blocks of ggml's quantised tensors to float32. Layouts: ggml-quants.c of llama.cpp. `d` and `m` are binary16.
 *
 *     Q8_0   32 numbers in 34 bytes    d, 32 signed bytes                      x = d q
 *     Q4_0   32 numbers in 18 bytes    d, 16 bytes of two nibbles              x = d (q - 8)
 *     Q4_1   32 numbers in 20 bytes    d, m, 16 bytes                          x = d q + m
 *     Q4_K  256 numbers in 144 bytes   d, m, 12 bytes of 6-bit scales, 128     x = d s q - m t, per 32 numbers
 *     Q6_K  256 numbers in 210 bytes   128 low, 64 high bits, 16 scales, d     x = d s (q - 32), per 16 numbers
 *
 * In Q4 the low nibbles are the first half of the block, the high nibbles the second.
 */
import type { Quantised } from '../model/config.ts'
import { decodeBfloat16, decodeFloat16, float16Table } from './floats.ts'

type Decode = (bytes: Uint8Array, out: Float32Array) => void

export interface Quantisation {
  name: string
  /** Numbers and bytes of one block. */
  numbers: number
  bytes: number
  /** Bytes of a block where its binary16 numbers stand. */
  halves: readonly number[]
  decode: Decode
  /** The same blocks as kernels multiply with them; for types of four bits. */
  repack?: (bytes: Uint8Array) => Quantised
}

/** Calls `block` for each block with its first byte, its first number, and a reader of binary16 at a byte. */
function blocks(
  bytes: Uint8Array,
  size: number,
  numbers: number,
  block: (at: number, to: number, half: (at: number) => number) => void,
): void {
  const table = float16Table()
  const half = (at: number) => table[bytes[at] | (bytes[at + 1] << 8)]
  for (let at = 0, to = 0; at < bytes.length; at += size, to += numbers) block(at, to, half)
}

const q8: Decode = (bytes, out) =>
  blocks(bytes, 34, 32, (at, to, half) => {
    const d = half(at)
    for (let j = 0; j < 32; j++) out[to + j] = d * ((bytes[at + 2 + j] << 24) >> 24)
  })

const q40: Decode = (bytes, out) =>
  blocks(bytes, 18, 32, (at, to, half) => {
    const d = half(at)
    for (let j = 0; j < 16; j++) {
      out[to + j] = d * ((bytes[at + 2 + j] & 15) - 8)
      out[to + j + 16] = d * ((bytes[at + 2 + j] >> 4) - 8)
    }
  })

const q41: Decode = (bytes, out) =>
  blocks(bytes, 20, 32, (at, to, half) => {
    const d = half(at)
    const m = half(at + 2)
    for (let j = 0; j < 16; j++) {
      out[to + j] = d * (bytes[at + 4 + j] & 15) + m
      out[to + j + 16] = d * (bytes[at + 4 + j] >> 4) + m
    }
  })

/** Eight 6-bit scales and eight 6-bit minima in 12 bytes: the upper two bits of the last four ride on the first. */
function scalesOf(bytes: Uint8Array, scales: number, group: number): { scale: number; minimum: number } {
  const low = bytes[scales + (group < 4 ? group : group + 4)]
  if (group < 4) return { scale: low & 63, minimum: bytes[scales + group + 4] & 63 }
  return {
    scale: (low & 15) | ((bytes[scales + group - 4] >> 6) << 4),
    minimum: (low >> 4) | ((bytes[scales + group] >> 6) << 4),
  }
}

const q4k: Decode = (bytes, out) =>
  blocks(bytes, 144, 256, (at, to, half) => {
    const [d, m, quants] = [half(at), half(at + 2), at + 16]
    for (let group = 0; group < 8; group++) {
      const { scale, minimum } = scalesOf(bytes, at + 4, group)
      const [factor, offset] = [Math.fround(d * scale), Math.fround(m * minimum)]
      const shift = group % 2 ? 4 : 0
      for (let j = 0; j < 32; j++)
        out[to + group * 32 + j] =
          Math.fround(factor * ((bytes[quants + (group >> 1) * 32 + j] >> shift) & 15)) - offset
    }
  })

const q6k: Decode = (bytes, out) =>
  blocks(bytes, 210, 256, (at, to, half) => {
    const d = half(at + 208)
    for (let i = 0; i < 256; i++) {
      const [part, within] = [i >> 7, i & 127]
      const [row, column] = [within >> 5, within & 31]
      const low = (bytes[at + part * 64 + (row & 1) * 32 + column] >> (row & 2 ? 4 : 0)) & 15
      const high = (bytes[at + 128 + part * 32 + column] >> (2 * row)) & 3
      const scale = (bytes[at + 192 + (i >> 4)] << 24) >> 24
      out[to + i] = Math.fround(d * scale) * ((low | (high << 4)) - 32)
    }
  })

function emptyBlocks(count: number): Quantised {
  return {
    nibbles: new Uint8Array(16 * count),
    scales: new Float32Array(count),
    offsets: new Float32Array(count),
  }
}

/** Sixteen bytes with halves of a block in their low and high nibbles -> neighbours in one byte. */
function interleave(bytes: Uint8Array, at: number, into: Uint8Array, to: number): void {
  for (let j = 0; j < 8; j++) {
    const [even, odd] = [bytes[at + 2 * j], bytes[at + 2 * j + 1]]
    into[to + j] = (even & 15) | ((odd & 15) << 4)
    into[to + 8 + j] = (even >> 4) | (odd & 0xf0)
  }
}

const repackQ40 = (bytes: Uint8Array): Quantised => {
  const packed = emptyBlocks(bytes.length / 18)
  blocks(bytes, 18, 1, (at, block, half) => {
    packed.scales[block] = half(at)
    interleave(bytes, at + 2, packed.nibbles, 16 * block)
  })
  return packed
}

const repackQ41 = (bytes: Uint8Array): Quantised => {
  const packed = emptyBlocks(bytes.length / 20)
  blocks(bytes, 20, 1, (at, block, half) => {
    packed.scales[block] = half(at)
    packed.offsets[block] = half(at + 2) + 8 * half(at)
    interleave(bytes, at + 4, packed.nibbles, 16 * block)
  })
  return packed
}

const repackQ4K = (bytes: Uint8Array): Quantised => {
  const packed = emptyBlocks(bytes.length / 18)
  blocks(bytes, 144, 8, (at, first, half) => {
    for (let group = 0; group < 8; group++) {
      const { scale, minimum } = scalesOf(bytes, at + 4, group)
      const [factor, block] = [Math.fround(half(at) * scale), first + group]
      packed.scales[block] = factor
      packed.offsets[block] = 8 * factor - Math.fround(half(at + 2) * minimum)
      const [quants, shift] = [at + 16 + (group >> 1) * 32, group % 2 ? 4 : 0]
      for (let j = 0; j < 16; j++)
        packed.nibbles[16 * block + j] =
          ((bytes[quants + 2 * j] >> shift) & 15) | (((bytes[quants + 2 * j + 1] >> shift) & 15) << 4)
    }
  })
  return packed
}

const halvesOf = (bytes: Uint8Array) => new Uint16Array(bytes.slice().buffer)

/** The first block whose scale or offset is infinite or no number, or -1: blocks without such expand to numbers alone. */
export function badBlock(bytes: Uint8Array, { bytes: size, halves }: Quantisation): number {
  for (const half of halves)
    for (let at = half; at < bytes.length; at += size) if ((bytes[at + 1] & 0x7c) === 0x7c) return Math.floor(at / size)
  return -1
}

/** By ggml's type number. */
export const quantisations = new Map<number, Quantisation>([
  [
    0,
    {
      name: 'F32',
      numbers: 1,
      bytes: 4,
      halves: [],
      decode: (bytes, out) => out.set(new Float32Array(bytes.slice().buffer)),
    },
  ],
  [
    1,
    { name: 'F16', numbers: 1, bytes: 2, halves: [], decode: (bytes, out) => out.set(decodeFloat16(halvesOf(bytes))) },
  ],
  [
    30,
    {
      name: 'BF16',
      numbers: 1,
      bytes: 2,
      halves: [],
      decode: (bytes, out) => out.set(decodeBfloat16(halvesOf(bytes))),
    },
  ],
  [2, { name: 'Q4_0', numbers: 32, bytes: 18, halves: [0], decode: q40, repack: repackQ40 }],
  [3, { name: 'Q4_1', numbers: 32, bytes: 20, halves: [0, 2], decode: q41, repack: repackQ41 }],
  [8, { name: 'Q8_0', numbers: 32, bytes: 34, halves: [0], decode: q8 }],
  [12, { name: 'Q4_K', numbers: 256, bytes: 144, halves: [0, 2], decode: q4k, repack: repackQ4K }],
  [14, { name: 'Q6_K', numbers: 256, bytes: 210, halves: [208], decode: q6k }],
])

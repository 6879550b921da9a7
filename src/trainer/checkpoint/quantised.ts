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
import { decodeBfloat16, decodeFloat16, float16Table } from './floats.ts'

type Decode = (bytes: Uint8Array, out: Float32Array) => void

export interface Quantisation {
  name: string
  /** Numbers and bytes of one block. */
  numbers: number
  bytes: number
  decode: Decode
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

const q4k: Decode = (bytes, out) =>
  blocks(bytes, 144, 256, (at, to, half) => {
    const [d, m, scales, quants] = [half(at), half(at + 2), at + 4, at + 16]
    for (let group = 0; group < 8; group++) {
      // Eight 6-bit scales and eight 6-bit minima in 12 bytes: the upper two bits of the last four ride on the first.
      const low = bytes[scales + (group < 4 ? group : group + 4)]
      const scale = group < 4 ? low & 63 : (low & 15) | ((bytes[scales + group - 4] >> 6) << 4)
      const minimum = group < 4 ? bytes[scales + group + 4] & 63 : (low >> 4) | ((bytes[scales + group] >> 6) << 4)
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

const halvesOf = (bytes: Uint8Array) => new Uint16Array(bytes.slice().buffer)

/** By ggml's type number. */
export const quantisations = new Map<number, Quantisation>([
  [0, { name: 'F32', numbers: 1, bytes: 4, decode: (bytes, out) => out.set(new Float32Array(bytes.slice().buffer)) }],
  [1, { name: 'F16', numbers: 1, bytes: 2, decode: (bytes, out) => out.set(decodeFloat16(halvesOf(bytes))) }],
  [30, { name: 'BF16', numbers: 1, bytes: 2, decode: (bytes, out) => out.set(decodeBfloat16(halvesOf(bytes))) }],
  [2, { name: 'Q4_0', numbers: 32, bytes: 18, decode: q40 }],
  [3, { name: 'Q4_1', numbers: 32, bytes: 20, decode: q41 }],
  [8, { name: 'Q8_0', numbers: 32, bytes: 34, decode: q8 }],
  [12, { name: 'Q4_K', numbers: 256, bytes: 144, decode: q4k }],
  [14, { name: 'Q6_K', numbers: 256, bytes: 210, decode: q6k }],
])

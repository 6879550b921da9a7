import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import type { Weights } from '../model/config.ts'
import { decodeBfloat16, encodeBfloat16, float16 } from './floats.ts'
import { readSafetensors, writeSafetensors } from './safetensors.ts'

const folder = mkdtempSync(join(tmpdir(), 'safetensors-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const path = join(folder, 'model.safetensors')

const weights: Weights = new Map([
  ['b', { shape: [2, 3], data: Float32Array.of(1, -2, 3.5, 0, 1e-20, 6) }],
  ['a', { shape: [1], data: Float32Array.of(0.1) }],
  ['none', { shape: [0, 4], data: new Float32Array(0) }],
])

/** A file with any header over any bytes. */
function file(header: unknown, bytes = Buffer.alloc(0), length?: bigint): string {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header))
  const start = Buffer.alloc(8)
  start.writeBigUInt64LE(length ?? BigInt(text.length))
  writeFileSync(path, Buffer.concat([start, text, bytes]))
  return path
}
const refusal = (run: () => unknown): { code?: string; where?: string; message: string } => {
  try {
    run()
  } catch (error) {
    return error as { code?: string; where?: string; message: string }
  }
  return { message: 'accepted' }
}
const tensor = (rest: object) => ({ w: { dtype: 'F32', shape: [2], data_offsets: [0, 8], ...rest } })

describe('safetensors', () => {
  it('gives back what was written, and its metadata', () => {
    writeSafetensors(path, weights, { metadata: { format: 'pt', note: 'höhe' } })
    const { tensors, metadata } = readSafetensors(path)
    expect(metadata).toEqual({ format: 'pt', note: 'höhe' })
    for (const [name, weight] of weights) expect(tensors.get(name)).toEqual(weight)
    expect(readSafetensors(path, (name) => name === 'a').tensors.size).toBe(1)
    // data starts at a multiple of eight
    expect(readFileSync(path).readBigUInt64LE() % 8n).toBe(0n)
  })

  it('reads half precision: F16 and BF16', () => {
    const halves = Buffer.from(Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x7bff).buffer)
    const header = { h: { dtype: 'F16', shape: [4], data_offsets: [0, 8] } }
    expect([...readSafetensors(file(header, halves)).tensors.get('h')!.data]).toEqual([
      1,
      -2,
      Math.fround(2 ** -24),
      65504,
    ])
    const brain = Buffer.from(Uint16Array.of(0x3f80, 0xc000).buffer)
    expect([
      ...readSafetensors(file({ h: { dtype: 'BF16', shape: [2], data_offsets: [0, 4] } }, brain)).tensors.get('h')!
        .data,
    ]).toEqual([1, -2])
    expect([float16(0x8000), float16(0x7c00), float16(0xfc01)]).toEqual([-0, Number.POSITIVE_INFINITY, Number.NaN])
  })

  it('rounds to bfloat16 to nearest, ties to even', () => {
    // 1 + 2^-8 lies halfway between 1 and 1 + 2^-7; 1 + 3 x 2^-8 halfway too, and goes up to the even one
    expect([...decodeBfloat16(encodeBfloat16(Float32Array.of(1 + 2 ** -8, 1 + 3 * 2 ** -8, -0.1)))]).toEqual([
      1,
      1 + 2 ** -6,
      -0.10009765625,
    ])
  })

  it.each([
    ['a header longer than the file', '{}', 2n ** 63n, /header length/],
    ['a header of 2^64 - 1 bytes', '{}', 2n ** 64n - 1n, /header length/],
    ['a header that is no JSON', '{"w"', undefined, /header$/],
    ['a header that is a list', '[1]', undefined, /header$/],
    ['a tensor without entry', { w: 3 }, undefined, /tensor w/],
    ['an unknown type', tensor({ dtype: 'F8_E5M2' }), undefined, /tensor w/],
    ['a type of the language itself', tensor({ dtype: 'constructor' }), undefined, /tensor w/],
    ['a shape that does not fit its bytes', tensor({ shape: [3] }), undefined, /tensor w/],
    ['a shape of 2^62', tensor({ shape: [2 ** 62, 2] }), undefined, /tensor w/],
    ['a negative side', tensor({ shape: [-1, -2] }), undefined, /tensor w/],
    ['offsets beyond the file', tensor({ data_offsets: [0, 2 ** 40], shape: [2 ** 38] }), undefined, /tensor w/],
    ['offsets backwards', tensor({ data_offsets: [8, 0] }), undefined, /tensor w/],
  ])('refuses %s', (_, header, length, where) => {
    const error = refusal(() => readSafetensors(file(header, Buffer.alloc(8), length)))
    expect(error.code).toBe('bad_input')
    expect(error.where).toMatch(/model\.safetensors/)
    expect(error.where).toMatch(where)
  })

  it('refuses NaN and infinite weights by name and place', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const error = refusal(() => readSafetensors(file(tensor({}), Buffer.from(Float32Array.of(1, value).buffer))))
      expect(error.message).toMatch(/^Number 1 /)
      expect(error.where).toMatch(/tensor w/)
    }
  })

  it('a file cut anywhere or with any byte changed is read or refused, never worse', () => {
    writeSafetensors(path, weights)
    const whole = readFileSync(path)
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.option(fc.nat(255)), (at, byte) => {
        writeFileSync(path, whole)
        if (byte === null) truncateSync(path, at)
        else {
          const changed = Buffer.from(whole)
          changed[at] = byte
          writeFileSync(path, changed)
        }
        const error = refusal(() => readSafetensors(path))
        if (error.message !== 'accepted') expect(error.code).toBe('bad_input')
        else expect(byte).not.toBeNull()
      }),
      { numRuns: 300 },
    )
  })
})

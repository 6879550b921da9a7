import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { tokenizerFrom } from '../text/tokenizer.ts'
import { huggingFaceName, readGguf, uninterleave } from './gguf.ts'
import { openCheckpoint } from './open.ts'

const folder = mkdtempSync(join(tmpdir(), 'gguf-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

type Value = number | string | string[] | number[]
const text = (value: string) => {
  const bytes = Buffer.from(value)
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(bytes.length))
  return Buffer.concat([length, bytes])
}
const word = (value: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}
const long = (value: number) => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(value))
  return bytes
}
const float = (value: number) => Buffer.from(Float32Array.of(value).buffer)

function encodeValue(value: Value): Uint8Array {
  if (typeof value === 'string') return Buffer.concat([word(8), text(value)])
  if (typeof value === 'number')
    return Number.isInteger(value) ? Buffer.concat([word(4), word(value)]) : Buffer.concat([word(6), float(value)])
  const items = value.map((item) => (typeof item === 'string' ? text(item) : word(item)))
  return Buffer.concat([word(9), word(typeof value[0] === 'string' ? 8 : 4), long(value.length), ...items])
}

interface Part {
  shape: number[]
  data: Float32Array
}

/** A GGUF file of float32 tensors; shapes as in Hugging Face. */
function encode(metadata: Record<string, Value>, tensors: Record<string, Part>): Buffer {
  const parts: Uint8Array[] = [
    Buffer.from('GGUF'),
    word(3),
    long(Object.keys(tensors).length),
    long(Object.keys(metadata).length),
  ]
  for (const [key, value] of Object.entries(metadata)) parts.push(text(key), encodeValue(value))
  let offset = 0
  const data: Uint8Array[] = []
  for (const [name, { shape, data: values }] of Object.entries(tensors)) {
    parts.push(text(name), word(shape.length), ...[...shape].reverse().map(long), word(0), long(offset))
    const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength)
    const padded = Buffer.concat([bytes, Buffer.alloc((32 - (bytes.length % 32)) % 32)])
    data.push(padded)
    offset += padded.length
  }
  const header = Buffer.concat(parts)
  return Buffer.concat([header, Buffer.alloc((32 - (header.length % 32)) % 32), ...data])
}

const part = (...shape: number[]): Part => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i / 8),
})
const tokens = ['<end>', 'a', 'b', 'ab']
const metadata = (): Record<string, Value> => ({
  'general.architecture': 'llama',
  'llama.block_count': 1,
  'llama.context_length': 32,
  'llama.embedding_length': 8,
  'llama.feed_forward_length': 12,
  'llama.attention.head_count': 2,
  'llama.attention.head_count_kv': 1,
  'llama.attention.layer_norm_rms_epsilon': 1e-5,
  'tokenizer.ggml.model': 'gpt2',
  'tokenizer.ggml.pre': 'gpt-2',
  'tokenizer.ggml.tokens': tokens,
  'tokenizer.ggml.token_type': [3, 1, 1, 1],
  'tokenizer.ggml.merges': ['a b'],
  'tokenizer.ggml.eos_token_id': 0,
})
const tensors = (): Record<string, Part> => ({
  'token_embd.weight': part(4, 8),
  'output_norm.weight': part(8),
  'blk.0.attn_norm.weight': part(8),
  'blk.0.ffn_norm.weight': part(8),
  'blk.0.attn_q.weight': part(8, 8),
  'blk.0.attn_k.weight': part(4, 8),
  'blk.0.attn_v.weight': part(4, 8),
  'blk.0.attn_output.weight': part(8, 8),
  'blk.0.ffn_gate.weight': part(12, 8),
  'blk.0.ffn_up.weight': part(12, 8),
  'blk.0.ffn_down.weight': part(8, 12),
})
const path = join(folder, 'tiny.gguf')
const write = (bytes: Buffer): string => {
  writeFileSync(path, bytes)
  return path
}
const refusal = async (run: Promise<unknown>): Promise<{ code?: string; where?: string; message: string }> =>
  run.then(
    () => ({ message: 'accepted' }),
    (error) => error,
  )

describe('GGUF', () => {
  it('becomes a Hugging Face checkpoint with its tokenizer', async () => {
    const checkpoint = await openCheckpoint(write(encode(metadata(), tensors())))
    expect(checkpoint.config).toMatchObject({
      vocabSize: 4,
      hiddenSize: 8,
      layers: 1,
      heads: 2,
      keyValueHeads: 1,
      headDim: 4,
      rmsNormEps: 1e-5,
      tieWordEmbeddings: true,
      eosTokenIds: [0],
    })
    expect(checkpoint.weights.size).toBe(11)
    const tokenizer = tokenizerFrom(checkpoint.tokenizer, checkpoint.config.eosTokenIds)
    expect(tokenizer.encode('ab<end>b')).toEqual([3, 0, 2])
  })

  it('puts interleaved rotary rows back: head by head, first halves before second halves', async () => {
    // one head of 4 rows: (pair 0, half 0), (pair 0, half 1), (pair 1, half 0), (pair 1, half 1)
    expect([...uninterleave(Float32Array.of(0, 1, 2, 3), 1, 4)]).toEqual([0, 2, 1, 3])
    const { weights } = readGguf(write(encode(metadata(), tensors())))
    const rows = weights.get('model.layers.0.self_attn.q_proj.weight')!.data
    expect([0, 8, 16, 24, 32].map((i) => rows[i] * 8)).toEqual([0, 16, 8, 24, 32])
    // v is not rotated
    expect(weights.get('model.layers.0.self_attn.v_proj.weight')!.data[8]).toBe(1)
  })

  it('leaves rows of Qwen2 as they are and takes its biases', async () => {
    const qwen = Object.fromEntries(
      Object.entries(metadata()).map(([key, value]) => [key.replace(/^llama\./, 'qwen2.'), value]),
    )
    qwen['general.architecture'] = 'qwen2'
    const biased = {
      ...tensors(),
      'blk.0.attn_q.bias': part(8),
      'blk.0.attn_k.bias': part(4),
      'blk.0.attn_v.bias': part(4),
    }
    const { weights, config } = readGguf(write(encode(qwen, biased)))
    expect(config.attentionBias).toBe(true)
    expect(weights.get('model.layers.0.self_attn.q_proj.weight')!.data[8]).toBe(1)
  })

  it('names tensors as Hugging Face does', () => {
    expect(huggingFaceName('blk.3.ffn_down.weight')).toBe('model.layers.3.mlp.down_proj.weight')
    expect(huggingFaceName('blk.3.toString.weight')).toBeUndefined()
    expect(huggingFaceName('constructor')).toBeUndefined()
  })

  it.each<[string, (m: Record<string, Value>, t: Record<string, Part>) => void, RegExp]>([
    ['another architecture', (m) => (m['general.architecture'] = 'mamba'), /general\.architecture/],
    ['a missing field', (m) => delete m['llama.block_count'], /tiny\.gguf/],
    ['a missing tensor', (_, t) => delete t['blk.0.attn_q.weight'], /attn_q|q_proj|tiny\.gguf/],
    ['a wrong shape', (_, t) => (t['blk.0.ffn_up.weight'] = part(8, 12)), /tiny\.gguf/],
    ['NaN', (_, t) => t['output_norm.weight'].data.fill(Number.NaN), /output_norm/],
    ['a tensor that has no place', (_, t) => (t['blk.0.ffn_gate_inp.weight'] = part(8)), /ffn_gate_inp/],
    ['heads that do not divide', (m) => (m['llama.attention.head_count'] = 3), /tiny\.gguf/],
    ['a missing tokenizer', (m) => delete m['tokenizer.ggml.tokens'], /tokenizer\.ggml\.tokens/],
    ['an unknown tokenizer', (m) => (m['tokenizer.ggml.pre'] = 'martian'), /tokenizer\.ggml\.pre/],
  ])('refuses %s', async (_, change, where) => {
    const [m, t] = [metadata(), tensors()]
    change(m, t)
    const error = await refusal(openCheckpoint(write(encode(m, t))))
    expect(error.code).toBe('bad_input')
    expect(`${error.where} ${error.message}`).toMatch(where)
  })

  it('refuses lengths of 2^63, other magic and every truncation, naming the file', async () => {
    const whole = encode(metadata(), tensors())
    const endless = Buffer.from(whole)
    endless.writeBigUInt64LE(2n ** 63n - 1n, 8)
    const manyKeys = Buffer.from(whole)
    manyKeys.writeBigUInt64LE(2n ** 63n, 16)
    const longKey = Buffer.from(whole)
    longKey.writeBigUInt64LE(2n ** 63n, 24)
    const cuts = [3, 8, 16, 30, 400, whole.length - 200].map((at) => whole.subarray(0, at))
    for (const bytes of [endless, manyKeys, longKey, Buffer.from('XGUF'), ...cuts]) {
      const error = await refusal(openCheckpoint(write(bytes)))
      expect(error.code).toBe('bad_input')
      expect(error.where).toMatch(/tiny\.gguf/)
    }
  })

  it('with any byte changed is read or refused, never worse', async () => {
    const whole = encode(metadata(), tensors())
    await fc.assert(
      fc.asyncProperty(fc.nat(1100), fc.nat(255), async (at, byte) => {
        const changed = Buffer.from(whole)
        changed[at] = byte
        const error = await refusal(openCheckpoint(write(changed)))
        if (error.message !== 'accepted') expect(error.code).toBe('bad_input')
      }),
      { numRuns: 150 },
    )
  })
})

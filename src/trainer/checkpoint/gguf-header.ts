/**
 * The header of a GGUF file: metadata, and name, shape, type and place of every tensor.
 * Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md (versions 2 and 3, little endian). Every length is
 * held against the bytes that are left before anything is read or allocated: a damaged file is refused at once.
 */
import { closeSync, fstatSync, openSync } from 'node:fs'
import { TrainerError } from '../errors.ts'
import { readFully } from './safetensors.ts'

export type MetadataValue = number | boolean | string | MetadataValue[]

export interface GgufTensor {
  name: string
  /** [out, in], as Hugging Face has it. */
  shape: number[]
  /** ggml's number of the type. */
  dtype: number
  /** From `base`. */
  offset: number
}

export interface GgufHeader {
  metadata: Record<string, MetadataValue>
  tensors: GgufTensor[]
  /** Where the tensors' bytes begin. */
  base: number
}

/** The largest headers (vocabularies of 256,000 tokens) take about 12 MB. */
const longestHeader = 2 ** 26
const mostDimensions = 4
const deepest = 4

/** Bytes that one value of a type takes at least, by type number. */
const bytesOf = [1, 1, 2, 2, 4, 4, 4, 1, 8, 12, 8, 8, 8]
const listType = 9

function readerOf(bytes: Buffer, path: string) {
  let at = 0
  const refuse = (message: string): never => {
    throw new TrainerError('bad_input', `This is not a whole GGUF file: ${message}`, {
      where: `${path}, header at byte ${at}`,
      hint: 'The file is truncated or of another format. Fetch it again.',
    })
  }
  const take = (count: number): number => {
    if (count > bytes.length - at) refuse('it ends too early.')
    at += count
    return at - count
  }
  const u32 = (): number => bytes.readUInt32LE(take(4))
  /** A number of things of at least `size` bytes each, as many as there can still be. */
  const count = (size: number, what: string): number => {
    const value = bytes.readBigUInt64LE(take(8))
    if (value > BigInt(Math.floor((bytes.length - at) / size))) refuse(`it claims ${value} ${what}.`)
    return Number(value)
  }
  const text = (): string => {
    const length = count(1, 'bytes of text')
    return bytes.toString('utf8', take(length), at)
  }
  const scalars: (() => MetadataValue)[] = [
    () => bytes.readUInt8(take(1)),
    () => bytes.readInt8(take(1)),
    () => bytes.readUInt16LE(take(2)),
    () => bytes.readInt16LE(take(2)),
    u32,
    () => bytes.readInt32LE(take(4)),
    () => bytes.readFloatLE(take(4)),
    () => bytes.readUInt8(take(1)) !== 0,
    text,
    () => refuse('a list stands where a value should.'),
    () => Number(bytes.readBigUInt64LE(take(8))),
    () => Number(bytes.readBigInt64LE(take(8))),
    () => bytes.readDoubleLE(take(8)),
  ]
  const value = (type: number, depth = 0): MetadataValue => {
    if (type !== listType) return (scalars[type] ?? (() => refuse(`there is no type ${type}.`)))()
    if (depth === deepest) refuse('its lists are nested too deep.')
    const inner = u32()
    if (inner >= bytesOf.length) refuse(`there is no type ${inner}.`)
    const length = count(bytesOf[inner], 'values in a list')
    const list: MetadataValue[] = []
    for (let i = 0; i < length; i++) list.push(value(inner, depth + 1))
    return list
  }
  return { refuse, u32, count, text, value, offset: () => Number(bytes.readBigUInt64LE(take(8))), at: () => at }
}

function parse(bytes: Buffer, path: string): GgufHeader {
  const { refuse, u32, count, text, value, offset, at } = readerOf(bytes, path)
  if (bytes.toString('latin1', 0, 4) !== 'GGUF') refuse('it does not begin with GGUF.')
  u32()
  const version = u32()
  if (version !== 2 && version !== 3) refuse(`version ${version} is not supported.`)
  const tensorCount = count(24, 'tensors')
  const keyCount = count(13, 'metadata entries')
  // A map first: a key may be called __proto__.
  const entries = new Map<string, MetadataValue>()
  for (let i = 0; i < keyCount; i++) {
    const key = text()
    entries.set(key, value(u32()))
  }
  const tensors: GgufTensor[] = []
  for (let i = 0; i < tensorCount; i++) {
    const name = text()
    const dimensions = u32()
    if (dimensions > mostDimensions) refuse(`tensor ${name} has ${dimensions} dimensions.`)
    // ggml counts the fastest dimension first.
    const shape = Array.from({ length: dimensions }, offset).reverse()
    tensors.push({ name, shape, dtype: u32(), offset: offset() })
  }
  const alignment = entries.get('general.alignment') ?? 32
  if (typeof alignment !== 'number' || !Number.isSafeInteger(alignment) || alignment < 1)
    return refuse('its alignment is no number.')
  return { metadata: Object.fromEntries(entries), tensors, base: Math.ceil(at() / alignment) * alignment }
}

/** Throws TrainerError naming the file and the byte where it goes wrong. */
export function readGgufHeader(path: string): GgufHeader {
  const file = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(Math.min(fstatSync(file).size, longestHeader))
    readFully(file, bytes, 0, path)
    return parse(bytes, path)
  } finally {
    closeSync(file)
  }
}

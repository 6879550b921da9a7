/**
 * safetensors: 8 bytes length of the header (little endian), the header as JSON, then the tensors' bytes.
 * Format: https://huggingface.co/docs/safetensors. Nothing of it is executed, and every length is checked against the
 * size of the file before anything is allocated.
 */
import { closeSync, fstatSync, fsyncSync, openSync, readSync, renameSync, writeSync } from 'node:fs'
import { TrainerError } from '../errors.ts'
import type { Weight, Weights } from '../model/config.ts'
import { decodeBfloat16, decodeFloat16, encodeBfloat16 } from './floats.ts'
import { isFields, parseFields } from './json.ts'

const bytesOf: Record<string, number> = { F32: 4, F16: 2, BF16: 2 }
const longestHeader = 100_000_000
/** One read or write of the system call takes at most 2 GiB. */
const mostBytes = 2 ** 30

interface Entry {
  dtype: string
  shape: number[]
  start: number
  end: number
}

export function readFully(file: number, into: Uint8Array, position: number, path: string): void {
  for (let done = 0; done < into.byteLength; ) {
    const got = readSync(file, into, done, Math.min(mostBytes, into.byteLength - done), position + done)
    if (got === 0) throw new TrainerError('bad_input', 'The file ends too early: it is truncated.', { where: path })
    done += got
  }
}

function writeFully(file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.byteLength; )
    done += writeSync(file, bytes, done, Math.min(mostBytes, bytes.byteLength - done))
}

function entryOf(name: string, value: unknown, room: number, path: string): Entry {
  const refuse = (message: string): never => {
    throw new TrainerError('bad_input', message, { where: `${path}, tensor ${name}` })
  }
  if (!isFields(value)) return refuse('The entry of this tensor is not an object.')
  const { dtype, shape, data_offsets: offsets } = value
  if (typeof dtype !== 'string' || !Object.hasOwn(bytesOf, dtype))
    return refuse(`dtype ${JSON.stringify(dtype)} is not one of ${Object.keys(bytesOf).join(', ')}.`)
  const isCount = (n: unknown): n is number => Number.isSafeInteger(n) && (n as number) >= 0
  if (!Array.isArray(shape) || !shape.every(isCount)) return refuse(`shape ${JSON.stringify(shape)} is no shape.`)
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount))
    return refuse(`data_offsets ${JSON.stringify(offsets)} are no range.`)
  const [start, end] = offsets as [number, number]
  if (end < start || end > room)
    return refuse(`data_offsets ${start}..${end} lie outside the ${room} bytes of data: the file is truncated.`)
  const numbers = shape.reduce((product: number, side: number) => product * side, 1)
  if (numbers * bytesOf[dtype] !== end - start)
    return refuse(`shape [${shape}] of ${dtype} needs ${numbers * bytesOf[dtype]} bytes; ${end - start} are there.`)
  return { dtype, shape, start, end }
}

function headerOf(
  file: number,
  path: string,
): { entries: Map<string, Entry>; metadata: Record<string, string>; base: number } {
  const { size } = fstatSync(file)
  if (size < 10) throw new TrainerError('bad_input', 'The file is too short to be safetensors.', { where: path })
  const start = Buffer.alloc(8)
  readFully(file, start, 0, path)
  const length = start.readBigUInt64LE()
  if (length > BigInt(Math.min(longestHeader, size - 8)))
    throw new TrainerError('bad_input', `The header claims ${length} bytes; the file has ${size}.`, {
      where: `${path}, header length`,
      hint: 'The file is truncated or is not safetensors. Fetch it again.',
    })
  const header = Buffer.alloc(Number(length))
  readFully(file, header, 8, path)
  const fields = parseFields(header.toString('utf8'), `${path}, header`)
  const base = 8 + Number(length)
  const entries = new Map<string, Entry>()
  for (const [name, value] of Object.entries(fields))
    if (name !== '__metadata__') entries.set(name, entryOf(name, value, size - base, path))
  const metadata: Record<string, string> = {}
  if (isFields(fields.__metadata__))
    for (const [key, value] of Object.entries(fields.__metadata__)) if (typeof value === 'string') metadata[key] = value
  return { entries, metadata, base }
}

/** Throws where a weight is NaN or infinite: a model with one answers nothing but NaN. */
export function checkFinite(name: string, data: Float32Array, path: string): void {
  // Zero times a number is zero, times anything else it is not: one pass without a branch, for hundreds of millions.
  let sum = 0
  for (let i = 0; i < data.length; i++) sum += 0 * data[i]!
  if (sum === 0) return
  for (let i = 0; i < data.length; i++)
    if (!Number.isFinite(data[i]))
      throw new TrainerError('bad_input', `Number ${i} of this weight is ${data[i]}.`, {
        where: `${path}, tensor ${name}`,
        hint: 'The file is damaged, or its training diverged. Use an earlier checkpoint.',
      })
}

function readTensor(file: number, { dtype, shape, start, end }: Entry, base: number, path: string): Weight {
  const count = (end - start) / bytesOf[dtype]
  if (dtype === 'F32') {
    const data = new Float32Array(count)
    readFully(file, new Uint8Array(data.buffer), base + start, path)
    return { shape, data }
  }
  const halves = new Uint16Array(count)
  readFully(file, new Uint8Array(halves.buffer), base + start, path)
  return { shape, data: dtype === 'F16' ? decodeFloat16(halves) : decodeBfloat16(halves) }
}

/** All tensors of a file, or those that `wanted` names, as float32. Throws TrainerError naming file and tensor. */
export function readSafetensors(
  path: string,
  wanted: (name: string) => boolean = () => true,
): { tensors: Weights; metadata: Record<string, string> } {
  const file = openSync(path, 'r')
  try {
    const { entries, metadata, base } = headerOf(file, path)
    const tensors: Weights = new Map()
    for (const [name, entry] of entries) {
      if (!wanted(name)) continue
      const weight = readTensor(file, entry, base, path)
      checkFinite(name, weight.data, path)
      tensors.set(name, weight)
    }
    return { tensors, metadata }
  } finally {
    closeSync(file)
  }
}

/** The shape of every tensor, from the header alone. */
export function tensorShapes(path: string): Map<string, number[]> {
  const file = openSync(path, 'r')
  try {
    return new Map([...headerOf(file, path).entries].map(([name, { shape }]) => [name, shape]))
  } finally {
    closeSync(file)
  }
}

/** Writes beside `path`, syncs and renames: a reader sees the old file or the new one, never a part. */
export function writeSafetensors(
  path: string,
  tensors: Weights,
  { dtype = 'F32', metadata = { format: 'pt' } }: { dtype?: 'F32' | 'BF16'; metadata?: Record<string, string> } = {},
): void {
  const header: Record<string, unknown> = { __metadata__: metadata }
  let position = 0
  const names = [...tensors.keys()].sort()
  for (const name of names) {
    const { shape, data } = tensors.get(name)!
    const end = position + data.length * bytesOf[dtype]
    header[name] = { dtype, shape, data_offsets: [position, end] }
    position = end
  }
  const text = JSON.stringify(header)
  // Data starts at a multiple of eight bytes; readers map it into memory.
  const head = Buffer.from(
    text.padEnd(Math.ceil(Buffer.byteLength(text) / 8) * 8 - Buffer.byteLength(text) + text.length),
  )
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(head.length))
  const file = openSync(`${path}.part`, 'w')
  try {
    writeFully(file, length)
    writeFully(file, head)
    for (const name of names) {
      const { data } = tensors.get(name)!
      const stored = dtype === 'F32' ? data : encodeBfloat16(data)
      writeFully(file, new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength))
    }
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(`${path}.part`, path)
}

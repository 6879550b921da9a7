/** Growing columns of numbers and of names, and their form as bytes. */
import { refuse } from '../errors.ts'

type Numbers = Int32Array | Int8Array | Float64Array

/** Doubles when full; `fill` is the value of entries never set. */
export class Column<T extends Numbers> {
  values: T
  length = 0
  readonly #fill: number

  constructor(values: T, fill = 0) {
    this.values = values
    this.#fill = fill
    values.fill(fill)
  }

  /** Makes room for entries 0 .. length - 1. */
  reach(length: number): void {
    if (length > this.values.length) {
      const grown = new (this.values.constructor as new (size: number) => T)(
        Math.max(2 * this.values.length, length, 16),
      )
      grown.fill(this.#fill)
      grown.set(this.values.subarray(0, this.length) as never)
      this.values = grown
    }
    if (length > this.length) this.length = length
  }

  push(value: number): void {
    this.reach(this.length + 1)
    this.values[this.length - 1] = value
  }

  /** A copy of what is in use. */
  copy(): T {
    return this.values.slice(0, this.length) as T
  }

  set(values: T): void {
    this.values = values.slice() as T
    this.length = values.length
  }
}

export const int32 = (fill = 0): Column<Int32Array> => new Column(new Int32Array(0), fill)
export const int8 = (fill = 0): Column<Int8Array> => new Column(new Int8Array(0), fill)
export const float64 = (fill = 0): Column<Float64Array> => new Column(new Float64Array(0), fill)

/** Numbers names in the order in which they come. */
export class Names {
  readonly list: string[] = []
  readonly #place = new Map<string, number>()

  constructor(names: readonly string[] = []) {
    for (const name of names) this.number(name)
  }

  number(name: string): number {
    const known = this.#place.get(name)
    if (known !== undefined) return known
    this.#place.set(name, this.list.length)
    return this.list.push(name) - 1
  }

  find(name: string): number | undefined {
    return this.#place.get(name)
  }
}

const kinds = { int32: Int32Array, int8: Int8Array, float64: Float64Array } as const
type Kind = keyof typeof kinds
const kindOf = (values: Numbers): Kind =>
  values instanceof Int32Array ? 'int32' : values instanceof Int8Array ? 'int8' : 'float64'

/** Plain data and arrays as one block of bytes: length of the header, header as JSON, arrays (each begins at a multiple of 8). */
export function toBytes(plain: unknown, arrays: Record<string, Numbers>): Uint8Array {
  const index = Object.entries(arrays).map(([name, values]) => ({ name, kind: kindOf(values), length: values.length }))
  const header = new TextEncoder().encode(JSON.stringify({ plain, index }))
  const aligned = (n: number) => (n + 7) & ~7
  let size = aligned(4 + header.length)
  for (const values of Object.values(arrays)) size += aligned(values.byteLength)
  const bytes = new Uint8Array(size)
  new DataView(bytes.buffer).setUint32(0, header.length, true)
  bytes.set(header, 4)
  let at = aligned(4 + header.length)
  for (const values of Object.values(arrays)) {
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at)
    at += aligned(values.byteLength)
  }
  return bytes
}

export function fromBytes(bytes: Uint8Array): { plain: unknown; arrays: Record<string, Numbers> } {
  // a copy begins at offset 0, as the arrays' alignment needs
  const { buffer } = Uint8Array.from(bytes)
  const length = bytes.length >= 4 ? new DataView(buffer).getUint32(0, true) : 0
  if (length === 0 || 4 + length > bytes.length) refuse('These bytes are no saved live state.')
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length))) as {
    plain: unknown
    index: { name: string; kind: Kind; length: number }[]
  }
  let at = (4 + length + 7) & ~7
  const arrays: Record<string, Numbers> = {}
  for (const { name, kind, length: count } of header.index) {
    const width = kinds[kind].BYTES_PER_ELEMENT
    if (at + count * width > bytes.length) refuse('The saved live state is cut short.')
    arrays[name] = new kinds[kind](buffer, at, count)
    at = (at + count * width + 7) & ~7
  }
  return { plain: header.plain, arrays }
}

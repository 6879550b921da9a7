/**
 * Writes Protocol Buffers: varint, 32-bit float and length-delimited fields, which is all that ONNX needs.
 * Wire format: https://protobuf.dev/programming-guides/encoding/
 */

const utf8 = new TextEncoder()
/** Byte strings beyond this are kept as they are until the end. */
const longPiece = 4096

export class Message {
  /** What is written so far, in pieces: long byte strings and nested messages are joined once, at the end. */
  private readonly pieces: Uint8Array[] = []
  private tail = new Uint8Array(64)
  private used = 0
  /** Bytes in `pieces`. */
  private joined = 0

  private reserve(count: number): void {
    if (this.used + count <= this.tail.length) return
    const larger = new Uint8Array(Math.max(this.tail.length * 2, this.used + count))
    larger.set(this.tail.subarray(0, this.used))
    this.tail = larger
  }

  private piece(bytes: Uint8Array): void {
    this.pieces.push(this.tail.subarray(0, this.used), bytes)
    this.joined += this.used + bytes.length
    this.tail = new Uint8Array(64)
    this.used = 0
  }

  /** Two's complement in 64 bits, as protobuf writes negative int64. */
  private varint(value: number | bigint): void {
    this.reserve(10)
    let rest = BigInt.asUintN(64, BigInt(value))
    while (rest > 127n) {
      this.tail[this.used++] = Number(rest & 127n) | 128
      rest >>= 7n
    }
    this.tail[this.used++] = Number(rest)
  }

  integer(field: number, value: number | bigint): this {
    this.varint(field << 3)
    this.varint(value)
    return this
  }

  float(field: number, value: number): this {
    this.varint((field << 3) | 5)
    this.reserve(4)
    new DataView(this.tail.buffer).setFloat32(this.used, value, true)
    this.used += 4
    return this
  }

  raw(field: number, value: Uint8Array): this {
    this.varint((field << 3) | 2)
    this.varint(value.length)
    if (value.length > longPiece) this.piece(value)
    else {
      this.reserve(value.length)
      this.tail.set(value, this.used)
      this.used += value.length
    }
    return this
  }

  text(field: number, value: string): this {
    return this.raw(field, utf8.encode(value))
  }

  message(field: number, value: Message): this {
    if (value.pieces.length === 0) return this.raw(field, value.tail.subarray(0, value.used))
    this.varint((field << 3) | 2)
    this.varint(value.joined + value.used)
    for (const bytes of value.pieces) this.piece(bytes)
    this.piece(value.tail.subarray(0, value.used))
    return this
  }

  finish(): Uint8Array {
    const bytes = new Uint8Array(this.joined + this.used)
    let at = 0
    for (const piece of [...this.pieces, this.tail.subarray(0, this.used)]) {
      bytes.set(piece, at)
      at += piece.length
    }
    return bytes
  }
}

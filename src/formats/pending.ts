/**
 * Bytes of a line or element that goes on in the next chunk. Copied into one buffer that doubles, so that a peer who
 * sends single bytes costs neither quadratic time nor an object for each of them.
 */
export class Pending {
  private buffer = Buffer.allocUnsafe(4096)
  private readonly limit: number
  length = 0

  constructor(limit: number) {
    this.limit = limit
  }

  /** More came than may be held: what was held is gone. */
  get isOver(): boolean {
    return this.length > this.limit
  }

  add(bytes: Buffer): void {
    const from = this.length
    this.length += bytes.length
    if (this.isOver) return
    if (this.length > this.buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.length, this.buffer.length * 2))
      this.buffer.copy(larger, 0, 0, from)
      this.buffer = larger
    }
    bytes.copy(this.buffer, from)
  }

  /** What is held; valid until the next `add`. */
  get bytes(): Buffer {
    return this.buffer.subarray(0, this.length)
  }

  clear(): void {
    this.length = 0
  }
}

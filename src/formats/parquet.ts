/** Parquet, written in row groups as rows come in: memory holds one group, whatever the number of rows. */
import type { SchemaElement } from 'hyparquet'
import { ByteWriter, ParquetWriter } from 'hyparquet-writer'
import { FormatError } from './errors.ts'
import type { Packer } from './packing.ts'
import type { Column, Row } from './record.ts'

const groupRows = 10_000
/** A group of very long texts is closed earlier. */
const groupCharacters = 8_000_000

const text = (name: string): SchemaElement => ({
  name,
  type: 'BYTE_ARRAY',
  converted_type: 'UTF8',
  repetition_type: 'OPTIONAL',
})

/** Messages are a list of structs, as `datasets` writes them. */
const messages = (name: string): SchemaElement[] => [
  { name, repetition_type: 'OPTIONAL', converted_type: 'LIST', num_children: 1 },
  { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
  { name: 'element', repetition_type: 'OPTIONAL', num_children: 2 },
  text('role'),
  text('content'),
]

function elements({ name, type }: Column): SchemaElement[] {
  if (type === 'messages') return messages(name)
  if (type === 'string' || type === 'json') return [text(name)]
  const primitive = { integer: 'INT64', number: 'DOUBLE', boolean: 'BOOLEAN' } as const
  return [{ name, type: primitive[type], repetition_type: 'OPTIONAL' }]
}

/** The cell as the column's type stores it, or `not_expressible`. */
function cell(value: unknown, { name, type }: Column): unknown {
  if (value === undefined || value === null) return null
  if (type === 'json') return JSON.stringify(value)
  if (type === 'integer' && Number.isSafeInteger(value)) return BigInt(value as number)
  if (type === 'messages' && Array.isArray(value)) return value
  if (typeof value === type) return value
  throw new FormatError('not_expressible', `the column "${name}" holds ${type} values, not ${JSON.stringify(value)}`, {
    where: name,
  })
}

export class ParquetPacker implements Packer {
  private readonly columns: Column[]
  private readonly bytes = new ByteWriter()
  private readonly file: ParquetWriter
  private data: unknown[][]
  private rows = 0
  private characters = 0

  constructor(columns: Column[]) {
    this.columns = columns
    const schema = [{ name: 'root', num_children: columns.length }, ...columns.flatMap(elements)]
    this.file = new ParquetWriter({ writer: this.bytes, schema, createdBy: 'plumbline' })
    this.data = columns.map(() => [])
  }

  add(row: Row): void {
    const cells = this.columns.map((column) => cell(row[column.name], column))
    for (const [i, value] of cells.entries()) {
      this.data[i]!.push(value)
      this.characters += length(value)
    }
    this.rows += 1
  }

  take(): Uint8Array | undefined {
    if (this.rows < groupRows && this.characters < groupCharacters) return undefined
    this.writeGroup()
    return this.drain()
  }

  end(): Uint8Array {
    if (this.rows > 0) this.writeGroup()
    this.file.finish()
    return this.drain()
  }

  private writeGroup(): void {
    const columnData = this.columns.map(({ name }, i) => ({ name, data: this.data[i]! }))
    this.file.write({ columnData, rowGroupSize: this.rows })
    this.data = this.columns.map(() => [])
    this.rows = 0
    this.characters = 0
  }

  /** What was written since the last call; the writer's own buffer is used again, its offset in the file goes on. */
  private drain(): Uint8Array {
    const bytes = this.bytes.getBytes().slice()
    this.bytes.index = 0
    return bytes
  }
}

function length(value: unknown): number {
  if (typeof value === 'string') return value.length
  if (!Array.isArray(value)) return 8
  return value.reduce((sum: number, message: { content?: unknown }) => sum + length(message.content), 0)
}

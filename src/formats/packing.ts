/** How rows are packed into a file: JSON lines or a table; Parquet has a file of its own. */
import { csvLine } from './csv-cells.ts'
import { FormatError } from './errors.ts'
import type { Column, Row } from './record.ts'

/** Takes rows and gives out bytes in chunks of a good size. */
export interface Packer {
  /** Adds a row whole, or throws `not_expressible` and adds nothing. */
  add(row: Row): void
  /** A chunk, once enough has come together. */
  take(): Uint8Array | undefined
  end(): Uint8Array
}

const chunkCharacters = 64 * 1024

abstract class TextPacker implements Packer {
  private text = ''

  protected append(line: string): void {
    this.text += line
  }

  abstract add(row: Row): void

  take(): Uint8Array | undefined {
    return this.text.length < chunkCharacters ? undefined : this.end()
  }

  end(): Uint8Array {
    const bytes = Buffer.from(this.text)
    this.text = ''
    return bytes
  }
}

export class JsonlPacker extends TextPacker {
  add(row: Row): void {
    this.append(`${JSON.stringify(row)}\n`)
  }
}

export class TablePacker extends TextPacker {
  private readonly names: string[]
  private readonly delimiter: string

  constructor(columns: Column[], delimiter: string) {
    super()
    this.names = columns.map(({ name }) => name)
    this.delimiter = delimiter
    this.append(csvLine(this.names, delimiter))
  }

  add(row: Row): void {
    for (const name of Object.keys(row)) {
      if (row[name] !== undefined && !this.names.includes(name))
        throw new FormatError('not_expressible', `the table has no column "${name}"`, { where: name })
    }
    this.append(
      csvLine(
        this.names.map((name) => row[name]),
        this.delimiter,
      ),
    )
  }
}

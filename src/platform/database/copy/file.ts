/**
 * A backup file: one gzip stream of lines. First the header (JSON), then for each table its rows in COPY's text format and
 * a line `\.`, last the trailer (JSON) with the SHA-256 of everything before it.
 */
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream, existsSync, openSync, renameSync, rmSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { z } from 'zod'
import { fail } from '../../errors.ts'
import type { Dump, Header } from './dump.ts'

const endOfRows = '\\.\n'
const longestHeader = 16_000_000

async function* linesOf({ header, tables }: Dump): AsyncGenerator<Buffer> {
  const hash = createHash('sha256')
  const hashed = (bytes: Buffer): Buffer => {
    hash.update(bytes)
    return bytes
  }
  yield hashed(Buffer.from(`${JSON.stringify(header)}\n`))
  for await (const { rows } of tables()) {
    for await (const chunk of rows) yield hashed(chunk)
    yield hashed(Buffer.from(endOfRows))
  }
  yield Buffer.from(`${JSON.stringify({ end: true, sha256: hash.digest('hex') })}\n`)
}

/** Writes the dump to a new file, readable by its owner alone (it holds password hashes). Answers its size in bytes. */
export async function writeBackup(file: string, dump: Dump): Promise<number> {
  if (existsSync(file))
    fail('conflict', 'There is a file of this name already.', { where: file, hint: 'Choose another name.' })
  const draft = `${file}.part`
  try {
    const fd = openSync(draft, 'w', 0o600)
    await pipeline(
      Readable.from(linesOf(dump)),
      createGzip({ level: 4 }),
      createWriteStream(draft, { fd, flush: true }),
    )
    renameSync(draft, file)
  } catch (error) {
    rmSync(draft, { force: true })
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC')
      fail('unavailable', 'The disk is full: the backup could not be written.', {
        where: file,
        hint: 'Nothing was kept of it.',
      })
    throw error
  }
  return statSync(file).size
}

const damaged = (file: string, why: string, cause?: unknown): never =>
  fail('bad_input', `The backup file ${why}.`, {
    where: file,
    hint: 'Nothing was written. It was cut off, changed or is not a backup: use another copy.',
    cause,
  })

/** Reads a stream by lines and by sections, with a digest of what was handed out. */
class Sections {
  readonly #chunks: AsyncIterator<Buffer>
  readonly #file: string
  #hash = createHash('sha256')
  #rest: Buffer = Buffer.alloc(0)

  constructor(file: string) {
    this.#file = file
    this.#chunks = pipelineOf(file)[Symbol.asyncIterator]()
  }

  async #more(): Promise<boolean> {
    try {
      const { value, done } = await this.#chunks.next()
      if (!done) this.#rest = this.#rest.length ? Buffer.concat([this.#rest, value]) : value
      return !done
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'Z_BUF_ERROR') damaged(this.#file, 'is cut off', error)
      if (code?.startsWith('Z_')) damaged(this.#file, 'is damaged or not a backup', error)
      throw error
    }
  }

  #take(length: number): Buffer {
    const taken = this.#rest.subarray(0, length)
    this.#rest = this.#rest.subarray(length)
    return taken
  }

  #hand(length: number): Buffer {
    const taken = this.#take(length)
    this.#hash.update(taken)
    return taken
  }

  /** The next line, without its end. */
  async line({ hashed }: { hashed: boolean }): Promise<string> {
    let end: number
    while ((end = this.#rest.indexOf(10)) < 0) {
      if (this.#rest.length > longestHeader) damaged(this.#file, 'has no header')
      if (!(await this.#more())) damaged(this.#file, 'is cut off')
    }
    return (hashed ? this.#hand(end + 1) : this.#take(end + 1)).toString('utf8')
  }

  /** The rows up to the line that ends them. COPY writes no other line like it. */
  async *rows(): AsyncGenerator<Buffer> {
    const marker = Buffer.from(endOfRows)
    for (let atLineStart = true; ; ) {
      if (atLineStart && this.#rest.length >= marker.length && this.#rest.subarray(0, marker.length).equals(marker)) {
        this.#hand(marker.length)
        return
      }
      const end = this.#rest.indexOf(`\n${endOfRows}`)
      // Without the end in sight, the last bytes may be its beginning.
      const safe = end >= 0 ? end + 1 : this.#rest.length - marker.length
      if (safe > 0) {
        const rows = this.#hand(safe)
        atLineStart = rows.at(-1) === 10
        yield rows
      } else if (!(await this.#more())) damaged(this.#file, 'is cut off')
    }
  }

  digest(): string {
    return this.#hash.digest('hex')
  }

  async isAtEnd(): Promise<boolean> {
    return this.#rest.length === 0 && !(await this.#more())
  }
}

function pipelineOf(file: string): Readable {
  const source = createReadStream(file, { highWaterMark: 1 << 20 })
  const plain = createGunzip({ chunkSize: 1 << 18 })
  source.on('error', (error) => plain.destroy(error))
  return source.pipe(plain)
}

const headerShape = z.object({
  format: z.literal('plumbline-backup'),
  version: z.literal(1),
  madeAt: z.string(),
  server: z.string(),
  migrations: z.array(z.object({ number: z.int(), name: z.string(), hash: z.string() })),
  tables: z.array(
    z.object({ table: z.string(), columns: z.array(z.string()), rows: z.int().nonnegative(), fingerprint: z.string() }),
  ),
  sequences: z.array(z.object({ sequence: z.string(), value: z.string().regex(/^-?\d+$/), called: z.boolean() })),
})
const trailerShape = z.object({ end: z.literal(true), sha256: z.string() })

function parsed<T>(shape: z.ZodType<T>, text: string, file: string, what: string): T {
  try {
    return shape.parse(JSON.parse(text))
  } catch (error) {
    return damaged(file, what, error)
  }
}

/** Opens a backup file. The stream fails where it is cut off or was changed; the digest is compared at its end. */
export async function readBackup(file: string): Promise<Dump> {
  const handle = await open(file, 'r').catch((error: NodeJS.ErrnoException) =>
    fail('bad_input', `The backup file cannot be read: ${error.code === 'ENOENT' ? 'there is none' : error.message}.`, {
      where: file,
      cause: error,
    }),
  )
  await handle.close()
  const sections = new Sections(file)
  const first = await sections.line({ hashed: true })
  const header: Header = parsed(headerShape, first, file, 'is not one of Plumbline, or of a newer one')
  return {
    header,
    async *tables() {
      for (const content of header.tables) yield { content, rows: sections.rows() }
      const digest = sections.digest()
      const trailer = parsed(trailerShape, await sections.line({ hashed: false }), file, 'does not end as it should')
      if (trailer.sha256 !== digest) damaged(file, 'was changed: its digest differs')
      if (!(await sections.isAtEnd())) damaged(file, 'goes on after its end')
    },
  }
}

import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { collect, read, source } from './fixture.ts'
import { defaultLimits, formatNamed, type Item, isProblem, preview } from './index.ts'

const row = (prompt: string) => JSON.stringify({ prompt })
const good = row('a')
/** Items as `line` or `line: reason`. */
const lines = (items: Item[]) => items.map((item) => (isProblem(item) ? `${item.line}: ${item.reason}` : item.line))
const bytes = (...parts: (string | number[])[]) => Buffer.concat(parts.map((part) => Buffer.from(part as string)))

describe('a file of lines', () => {
  it('may begin with a byte order mark, end its lines as Windows does, and leave some blank', async () => {
    const items = await read('trl-prompt-only', `\ufeff${good}\r\n\r\n${good}\r\n\n  \n${good}`)
    expect(lines(items)).toEqual([1, 3, 6])
  })

  it('loses only the line that is not UTF-8, and says which byte', async () => {
    const items = await read('trl-prompt-only', bytes(`${good}\n{"prompt":"é`, [0xe9], `"}\n${good}\n`))
    expect(lines(items)).toEqual([1, '2: is not UTF-8: invalid byte 0xe9; save the file as UTF-8', 3])
    expect(items[1]).toMatchObject({ column: 13 })
  })

  it('keeps a replacement character that the text really holds', async () => {
    const [kept, broken] = await read('trl-prompt-only', bytes(`${row('\ufffd')}\n`, `{"prompt":"\ufffd`, [0xc3], '"}'))
    expect(kept).toMatchObject({ prompt: [{ content: '\ufffd' }] })
    expect(broken).toMatchObject({ line: 2, column: 13 })
  })

  it('loses only the line with a NUL byte', async () => {
    const items = await read('trl-prompt-only', bytes(`${good}\n{"prompt":"a`, [0], `"}\n${good}`))
    expect(lines(items)).toEqual([1, '2: holds a NUL byte', 3])
    expect(items[1]).toMatchObject({ column: 13 })
  })

  it.each([
    ['\\u0000', 'holds a NUL character, \\u0000', 13],
    ['\\ud800', 'holds a lone surrogate, \\ud800', 13],
    ['\\uDE00', 'holds a lone surrogate, \\uDE00', 13],
    ['\\ud83d\\ud83d\\ude00', 'holds a lone surrogate, \\ud83d', 13],
    ['\\\\\\ud800', 'holds a lone surrogate, \\ud800', 15],
  ])('refuses the escape %s, which no database holds', async (escaped, reason, column) => {
    const items = await read('trl-prompt-only', `${good}\n{"prompt":"x${escaped}"}\n${good}`)
    expect(items[1]).toEqual({ line: 2, column, reason })
    expect(items.length).toBe(3)
  })

  it('takes escapes that only look so', async () => {
    const items = await read('trl-prompt-only', '{"prompt":"\\ud83d\\ude00 \\\\u0000 \\\\ud800"}')
    expect(items[0]).toMatchObject({ prompt: [{ content: '😀 \\u0000 \\ud800' }] })
  })

  it('passes over a line of more than 10 MB, without holding it', async () => {
    const long = `{"prompt":"${'x'.repeat(11 * 1024 * 1024)}"}`
    const items = await read('trl-prompt-only', `${good}\n${long}\n${good}\n${long}`)
    expect(lines(items)).toEqual([1, '2: is longer than 10 MB', 3, '4: is longer than 10 MB'])
  })

  it('reads a line of just under 10 MB', async () => {
    const items = await read('trl-prompt-only', row('x'.repeat(10 * 1024 * 1024 - 20)))
    expect(lines(items)).toEqual([1])
  })

  it('refuses nesting that would break whoever walks it', async () => {
    const deep = `{"prompt":"a","x":${'['.repeat(5_000_000)}`
    expect(lines(await read('trl-prompt-only', `${deep}\n${good}`))).toEqual([
      '1: is nested more than 128 levels deep',
      2,
    ])
  })

  it('says where a line stops being JSON', async () => {
    const reasons: Record<string, [column: number, reason: string]> = {
      '{"prompt":NaN}': [11, 'is not valid JSON: NaN and Infinity are no numbers there; write null'],
      "{'prompt':1}": [2, "is not valid JSON: texts stand in double quotes, not in '"],
      '{"prompt":"a"': [14, 'is not valid JSON: it ends too early'],
      '{"prompt":"a",}': [15, 'is not valid JSON: there is nothing after the comma'],
      '{"prompt":"a" "b":1}': [15, 'is not valid JSON: expected , or }, found "\\"b\\":1}"'],
      '{"prompt":"a\\x"}': [13, 'is not valid JSON: "\\\\x" is no escape'],
      '{"prompt":"a\tb"}': [13, 'is not valid JSON: the control character "\\t" must be escaped'],
      '{"prompt":"a': [11, 'is not valid JSON: the text that begins here has no end'],
      '{"prompt":"a"} x': [16, 'is not valid JSON: expected the end, found "x"'],
      '{"prompt":01}': [11, 'is not valid JSON: expected a value, found "01}"'],
      '{"prompt":[1,2}': [15, 'is not valid JSON: expected , or ], found "}"'],
    }
    const items = await read('trl-prompt-only', Object.keys(reasons).join('\n'))
    expect(items).toEqual(Object.values(reasons).map(([column, reason], i) => ({ line: i + 1, column, reason })))
    expect(lines(await read('trl-prompt-only', '[1]\n'))).toEqual(['1: is not a JSON object'])
    expect(lines(await read('trl-prompt-only', `${good}\n"a"\n1\nnull`)).slice(1)).toEqual([
      '2: is not a JSON object',
      '3: is not a JSON object',
      '4: is not a JSON object',
    ])
  })
})

describe('a whole file', () => {
  it.each([
    ['UTF-16 with its mark', Buffer.from(`\ufeff${good}`, 'utf16le'), 'UTF-16 text (little-endian)'],
    ['UTF-16 without', Buffer.from(good, 'utf16le'), 'UTF-16 text or binary data'],
    ['big-endian UTF-16', Buffer.from(`\ufeff${good}`, 'utf16le').swap16(), 'UTF-16 text (big-endian)'],
    ['a workbook', bytes('PK', [3, 4], 'xl'), 'an Excel workbook'],
    ['zstd', bytes([0x28, 0xb5, 0x2f, 0xfd]), 'zstd'],
    ['gzip in gzip', gzipSync(gzipSync(good)), 'packed with gzip twice'],
    ['nothing', Buffer.alloc(0), 'the file is empty'],
  ])('that is %s is refused with what it is', async (_, content, reason) => {
    const items = await read('trl-prompt-only', content)
    expect(items).toEqual([{ line: 1, reason: expect.stringContaining(reason), fatal: true }])
  })

  it('may be packed with gzip, in several members too', async () => {
    const packed = Buffer.concat([gzipSync(`${good}\n`), gzipSync(`${good}\n`)])
    expect(lines(await read('trl-prompt-only', packed))).toEqual([1, 2])
  })

  it('that is a cut-off or damaged gzip is said to be one', async () => {
    const packed = gzipSync(Array.from({ length: 20_000 }, (_, i) => row(`row ${i * 7919}`)).join('\n'))
    const cut = await read('trl-prompt-only', packed.subarray(0, packed.length / 2))
    expect(cut.at(-1)).toMatchObject({ reason: 'the gzip file is cut off; fetch it again', fatal: true })
    packed.fill(0xff, 1000, 1100)
    expect((await read('trl-prompt-only', packed)).at(-1)).toMatchObject({
      reason: 'the gzip file is damaged; fetch it again',
    })
  })

  it('that is a gzip bomb is left at the limit', async () => {
    const bomb = gzipSync(Buffer.alloc(100 * 1024 * 1024, `${row('x'.repeat(50_000))}\n`))
    const items = formatNamed('trl-prompt-only').parse(source(bomb))
    let last: Item | undefined
    let records = 0
    for await (const item of items) {
      last = item
      records += 1
    }
    expect(last).toEqual({ line: records, reason: expect.stringContaining('as only a gzip bomb does'), fatal: true })
    const small = formatNamed('trl-prompt-only').parse(
      source(gzipSync(good.repeat(1000))),
      {},
      { ...defaultLimits, unpackedBytes: 1000 },
    )
    expect((await collect(small)).at(-1)).toMatchObject({
      reason: expect.stringContaining('unpacks to more than'),
      fatal: true,
    })
  })

  it('reads the same however it is cut into chunks', async () => {
    const anyLine = fc.constantFrom(good, '', '{', row('é😀'), '"', 'a,"b\nc"', '{"prompt":"\\ud800"}', '\r', '\0')
    const text = fc.array(anyLine, { maxLength: 12 }).map((all) => all.join('\n'))
    const array = fc
      .array(fc.constantFrom(good, row('é😀'), '{', '1', '[{}]', ' ', '\n'), { maxLength: 8 })
      .map((all) => `[${all.join(',')}]`)
    const property = fc.asyncProperty(
      fc.oneof(text, array),
      fc.integer({ min: 1, max: 40 }),
      fc.boolean(),
      fc.constantFrom('x.csv', 'x.jsonl', 'x'),
      async (content, chunk, isPacked, fileName) => {
        const raw = isPacked ? gzipSync(content) : Buffer.from(content)
        const whole = await read('trl-prompt-only', raw, { fileName })
        const cut = await collect(formatNamed('trl-prompt-only').parse(source(raw, chunk), { fileName }))
        expect(cut).toEqual(whole)
      },
    )
    await fc.assert(property, { numRuns: 300 })
  })
})

describe('one JSON array', () => {
  it('is read element by element, each with the line on which it begins', async () => {
    const items = await read('trl-prompt-only', `[\n  ${good},\n  {\n    "prompt": "]}\\",["\n  }, ${good}\n]\n`)
    expect(lines(items)).toEqual([2, 3, 5])
    expect(lines(await read('trl-prompt-only', `[${good},${good}]`))).toEqual([1, 1])
    expect(await read('trl-prompt-only', ' [ ] ')).toEqual([])
  })

  it('loses only the element that is at fault', async () => {
    const items = await read(
      'trl-prompt-only',
      bytes(`[${good},\n{"prompt":}\n,1,,\n{"prompt":"`, [0xff], `"},\n${good},]`),
    )
    expect(lines(items)).toEqual([
      1,
      '2: is not valid JSON: expected a value, found "}" (character 11 of the element)',
      '3: is not a JSON object',
      '3: a comma without an element beside it',
      '4: is not UTF-8: invalid byte 0xff; save the file as UTF-8',
      5,
      '5: a comma without an element beside it',
    ])
  })

  it.each([
    [`[${good},\n{"prompt":"a`, '2: the file ends inside the element that begins here'],
    [`[${good},\n{"prompt":"a\n"},${good}]`, '2: a text that begins here is not closed in its line'],
    [`[${good}\n`, '1: the file ends inside the element that begins here'],
    [`[${good},\n`, '2: the JSON array has no end'],
    [`[${good}]\n]`, '2: the JSON array has ended, but the file goes on'],
    [`[${good},\n}]`, '2: a } that closes nothing'],
  ])('that is broken, %j, keeps what came before', async (text, last) => {
    const items = await read('trl-prompt-only', text)
    expect(lines(items).at(-1)).toBe(last)
    expect(items.at(-1)).toMatchObject({ fatal: true })
  })

  it('passes over an element of more than 10 MB', async () => {
    const items = await read('trl-prompt-only', `[${good},${row('x'.repeat(11 * 1024 * 1024))},${good}]`)
    expect(lines(items)).toEqual([1, '1: is longer than 10 MB', 1])
  })
})

describe('a preview', () => {
  it('names columns and fitting formats, and closes the file after the first rows', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'formats-'))
    try {
      const file = join(folder, 'pairs.jsonl')
      writeFileSync(file, `${JSON.stringify({ prompt: 'p', chosen: 'a', rejected: 'b', id: 1 })}\n`.repeat(100_000))
      const stream = createReadStream(file)
      const seen = await preview(stream, { fileName: file, count: 3 })
      expect([seen.formats, seen.columns, seen.rows.length]).toEqual([
        ['trl-preference'],
        ['prompt', 'chosen', 'rejected', 'id'],
        3,
      ])
      expect(stream.destroyed).toBe(true)
      expect(stream.bytesRead).toBeLessThan(1_000_000)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('names the values of columns that have few, beyond the first rows too', async () => {
    const rows = Array.from({ length: 500 }, (_, i) => `q${i},${i === 400 ? 'tie' : 'model_a'},${'x'.repeat(61)}`)
    const { values } = await preview(source(`question,winner,long\n${rows.join('\n')}`), { fileName: 'x.csv' })
    expect(values).toEqual({ winner: ['model_a', 'tie'] })
  })

  it('closes a file that it cannot read', async () => {
    const stream = source(bytes('PK', [3, 4], 'x'.repeat(100_000))) as ReturnType<typeof createReadStream>
    const { rows } = await preview(stream)
    expect(rows).toEqual([expect.objectContaining({ fatal: true })])
    expect(stream.destroyed).toBe(true)
  })
})

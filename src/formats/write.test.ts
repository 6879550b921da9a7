import fc from 'fast-check'
import { parquetReadObjects } from 'hyparquet'
import { describe, expect, it } from 'vitest'
import { collect, read } from './fixture.ts'
import { type ExportRecord, isProblem, type Judgement, type WriteOptions, writeRows, writerNamed } from './index.ts'

const nasty = [
  ...['"', '""', ',', ';', '\t', '\n', '\r\n', '\r', ' ', "'", '=1+1', '+', '-', '@', '＝', '{', '[', 'null'],
  ...['\\', '\\u0000', '\ufeff', '\u2028', '\u0001', '👩‍👩‍👧', 'é'],
  ...['Human:', '\n\nHuman:', '\n\nHuman: a', '\n\nAssistant:', '\n\nAssistant: a'],
]
const text = fc
  .array(
    fc.oneof(fc.constantFrom(...nasty), fc.string({ maxLength: 6 }), fc.string({ unit: 'grapheme', maxLength: 3 })),
    {
      maxLength: 5,
    },
  )
  .map((parts) => parts.join('').replaceAll('\0', ''))
const turn = fc.record({ role: fc.constantFrom('system', 'user', 'assistant'), content: text })
/** Half of the prompts are what nearly all are: one turn of the user. */
const prompt = fc.oneof(
  text.filter((content) => content !== '').map((content) => [{ role: 'user' as const, content }]),
  fc.array(turn as fc.Arbitrary<ExportRecord['prompt'][number]>, { minLength: 1, maxLength: 4 }),
)
const json = fc
  .jsonValue({ maxDepth: 3 })
  .map((value): unknown => JSON.parse(JSON.stringify(value).replaceAll('\\u0000', '')))
const key = fc
  .oneof(fc.constantFrom('__proto__', 'constructor', 'toString', 'id', '', 'line'), text)
  .filter((name) => !['prompt', 'chosen', 'rejected', 'completion', 'label', 'strength', 'messages'].includes(name))
const metadata = fc.array(fc.tuple(key, json), { maxLength: 3 }).map((entries) => Object.fromEntries(entries))
const strength = fc.constantFrom(1, 2, 3, undefined)

const preferences = fc
  .record({ prompt, chosen: text, rejected: text, strength, metadata })
  .filter(({ chosen, rejected }) => chosen !== rejected)
  .map(
    ({ prompt, chosen, rejected, strength, metadata }): ExportRecord => ({
      prompt,
      responses: [{ content: chosen }, { content: rejected }],
      judgement: { kind: 'preference', chosen: 0, rejected: 1, ...(strength === undefined ? {} : { strength }) },
      metadata,
    }),
  )
const demonstrations = fc.record({ prompt, content: text, metadata }).map(
  ({ prompt, content, metadata }): ExportRecord => ({
    prompt,
    responses: [{ content }],
    judgement: { kind: 'demonstration', response: 0 },
    metadata,
  }),
)
const labelled = fc.record({ prompt, content: text, desirable: fc.boolean(), metadata }).map(
  ({ prompt, content, desirable, metadata }): ExportRecord => ({
    prompt,
    responses: [{ content }],
    judgement: { kind: 'desirability', response: 0, desirable },
    metadata,
  }),
)
const bare = fc.record({ prompt, metadata }).map((given): ExportRecord => ({ ...given, responses: [] }))
const ranked = fc.record({ prompt, contents: fc.array(text, { minLength: 2, maxLength: 4 }), metadata }).map(
  ({ prompt, contents, metadata }): ExportRecord => ({
    prompt,
    responses: contents.map((content, i) => (i ? { content } : { content, metadata })),
    judgement: { kind: 'ranking', tiers: [[1], [0]] },
    metadata,
  }),
)

/** What comes back of what could be written, and how much that was. */
async function roundTrip(
  writer: string,
  format: string,
  records: ExportRecord[],
  options: WriteOptions & { fileName?: string } = {},
) {
  const refused = new Set<number>()
  const onUnwritten = ({ record }: { record: number }) => refused.add(record - 1)
  const chunks = await collect(writerNamed(writer).write(records, { ...options, onUnwritten }))
  const file = Buffer.concat(chunks)
  const items = file.length === 0 ? [] : await read(format, file, { fileName: options.fileName })
  const written = records.filter((_, i) => !refused.has(i))
  return {
    written,
    refused: refused.size,
    back: items.map((item) => (isProblem(item) ? item : { ...item, line: undefined })),
  }
}

const forms: [writer: string, format: string, records: fc.Arbitrary<ExportRecord>, leastWritten: number][] = [
  ['trl-preference', 'trl-preference', preferences, 0.5],
  ['trl-preference-implicit', 'trl-preference', preferences, 0.3],
  ['trl-preference-conversational', 'trl-preference', preferences, 1],
  ['hh', 'hh', preferences, 0.3],
  ['trl-prompt-completion', 'trl-prompt-completion', demonstrations, 0.5],
  ['trl-prompt-completion-conversational', 'trl-prompt-completion', demonstrations, 1],
  ['trl-prompt-only', 'trl-prompt-only', bare, 0.5],
  ['trl-prompt-only-conversational', 'trl-prompt-only', bare, 1],
  ['kto', 'kto', labelled, 0.5],
  ['jsonl', 'jsonl', fc.oneof(preferences, demonstrations, labelled, bare, ranked), 1],
]

describe('what is written reads back as the same records', () => {
  it.each(forms)('%s', async (writer, format, records, leastWritten) => {
    let all = 0
    let refusedOfAll = 0
    await fc.assert(
      fc.asyncProperty(fc.array(records, { minLength: 1, maxLength: 8 }), async (given) => {
        const { written, refused, back } = await roundTrip(writer, format, given)
        expect(back).toEqual(written.map((record) => ({ ...record, line: undefined })))
        all += given.length
        refusedOfAll += refused
      }),
      { numRuns: 150 },
    )
    expect(1 - refusedOfAll / all).toBeGreaterThanOrEqual(leastWritten)
  })

  it.each(['csv', 'tsv'] as const)('own tables as %s', async (packing) => {
    const columns = fc.record({ note: text, 'second, "note"': text })
    const judgement = fc.constantFrom<Judgement>({ kind: 'tie' }, { kind: 'both-bad' })
    const undecided = fc.tuple(preferences, judgement).map(([record, judgement]) => ({ ...record, judgement }))
    const rows = fc
      .tuple(fc.oneof(preferences, undecided), columns)
      .map(([record, metadata]): ExportRecord => ({ ...record, metadata }))
    await fc.assert(
      fc.asyncProperty(fc.array(rows, { minLength: 1, maxLength: 8 }), async (given) => {
        const extra = ['note', 'second, "note"'].map((name) => ({ name, type: 'string' as const }))
        const { written, back } = await roundTrip('csv', 'csv', given, { packing, extra, fileName: `x.${packing}` })
        expect(back).toEqual(written.map((record) => ({ ...record, line: undefined })))
      }),
      { numRuns: 150 },
    )
  })
})

describe('writing', () => {
  const record: ExportRecord = {
    prompt: [{ role: 'user', content: 'Hi' }],
    responses: [{ content: '=cmd()' }, { content: '- no' }],
    judgement: { kind: 'preference', chosen: 1, rejected: 0, strength: 2 },
    metadata: {},
  }

  it('puts the chosen response under chosen, whichever came first', async () => {
    const [bytes] = await collect(writerNamed('trl-preference').write([record]))
    expect(JSON.parse(Buffer.from(bytes!).toString())).toEqual({
      prompt: 'Hi',
      chosen: '- no',
      rejected: '=cmd()',
      strength: 2,
    })
  })

  it('keeps a table cell from being run as a formula, and leaves numbers alone', async () => {
    const columns = ['a', 'b', 'c', 'd'].map((name) => ({ name, type: 'string' as const }))
    const rows = [
      { a: '=1+1', b: '\t=1', c: '＋1', d: '@x' },
      { a: "'=1", b: 'a=b', c: -3, d: null },
    ]
    const table = Buffer.concat(await collect(writeRows(columns, rows, 'csv'))).toString()
    expect(table).toBe(`a,b,c,d\r\n'=1+1,'\t=1,'＋1,'@x\r\n''=1,a=b,-3,\r\n`)
  })

  it('stops at a record that the format has no words for, unless told to go on', async () => {
    const demonstration: ExportRecord = { ...record, judgement: { kind: 'demonstration', response: 0 } }
    const write = (options?: WriteOptions) => collect(writerNamed('hh').write([demonstration, record], options))
    await expect(write()).rejects.toMatchObject({ code: 'not_expressible', message: 'this record holds no preference' })
    const unwritten: unknown[] = []
    const bytes = Buffer.concat(await write({ onUnwritten: (one) => unwritten.push(one) }))
    expect(bytes.toString().split('\n').length).toBe(2)
    expect(unwritten).toEqual([{ record: 1, reason: 'this record holds no preference' }])
  })

  it('refuses metadata that would take the place of a column', async () => {
    const clash = collect(writerNamed('hh').write([{ ...record, metadata: { chosen: 'x' } }]))
    await expect(clash).rejects.toMatchObject({ code: 'not_expressible' })
  })

  it('names the formats there are when asked for another', () => {
    expect(() => writerNamed('xml')).toThrowError('There is no export format "xml".')
  })
})

describe('Parquet', () => {
  const readBack = async (chunks: Uint8Array[]) => {
    const bytes = Buffer.concat(chunks)
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
    return parquetReadObjects({ file: file as ArrayBuffer })
  }

  it('holds messages, texts and numbers over several row groups', async () => {
    const columns = [
      { name: 'prompt', type: 'messages' as const },
      { name: 'note', type: 'string' as const },
      { name: 'count', type: 'integer' as const },
      { name: 'share', type: 'number' as const },
      { name: 'ok', type: 'boolean' as const },
      { name: 'more', type: 'json' as const },
    ]
    const rows = Array.from({ length: 25_000 }, (_, i) => ({
      prompt: [
        { role: 'user', content: `é${i}` },
        { role: 'assistant', content: '' },
      ],
      note: i % 3 ? `note ${i}` : null,
      count: i,
      share: i / 7,
      ok: i % 2 === 0,
      more: { i },
    }))
    const chunks = await collect(writeRows(columns, rows, 'parquet'))
    expect(chunks.length).toBe(3)
    const back = await readBack(chunks)
    expect(back.length).toBe(25_000)
    expect(back).toEqual(rows.map((row) => ({ ...row, count: BigInt(row.count), more: JSON.stringify(row.more) })))
  })

  it('writes a valid file without rows', async () => {
    const chunks = await collect(writerNamed('trl-preference').write([], { packing: 'parquet' }))
    expect(await readBack(chunks)).toEqual([])
  })

  it('refuses a value of another type than its column', async () => {
    const write = collect(writeRows([{ name: 'n', type: 'integer' }], [{ n: 1.5 }], 'parquet'))
    await expect(write).rejects.toMatchObject({ code: 'not_expressible', where: 'n' })
  })
})

import { describe, expect, it } from 'vitest'
import { read } from './fixture.ts'
import { type ImportRecord, isProblem, type Mapping } from './index.ts'

const mapping: Mapping = { prompt: 'question', responses: ['a', 'b'] }
const table = (text: string, given = mapping) => read('csv', text, { mapping: given })
/** Rows as `line prompt|responses`, problems as `line: reason`. */
const shown = async (text: string) =>
  (await table(text)).map((item) =>
    isProblem(item)
      ? `${item.line}: ${item.reason}`
      : `${item.line} ${item.prompt[0]!.content}|${item.responses.map(({ content }) => content).join('|')}`,
  )

describe('a table', () => {
  it.each([
    ['commas', 'question,a,b,id\nq,1,2,x\n'],
    ['semicolons', 'question;a;b;id\r\nq;1;2;x\r\n'],
    ['tabs', 'question\ta\tb\tid\nq\t1\t2\tx'],
    ['quotes', '\ufeff"question","a","b","id"\n"q","1","2","x"'],
  ])('may use %s', async (_, text) => {
    expect(await table(text)).toEqual([
      {
        line: 2,
        prompt: [{ role: 'user', content: 'q' }],
        responses: [{ content: '1' }, { content: '2' }],
        metadata: { id: 'x' },
      },
    ])
  })

  it('has rows of several lines, numbered by where they begin', async () => {
    expect(await shown('question,a,b\n"q\r\n1","say ""x""",2\nq2,1,2\n"q3",,""\n')).toEqual([
      '2 q\r\n1|say "x"|2',
      '4 q2|1|2',
      '5 q3|',
    ])
  })

  it('keeps a quote inside a bare cell', async () => {
    expect(await shown('question,a,b\nq,5" nails,2\n')).toEqual(['2 q|5" nails|2'])
  })

  it('loses only the row that is at fault', async () => {
    const text = 'question,a,b\nq1,1\n"q2" x,1,2\nq3,1,2\n"q4,1,2\nq5,1,2\n\nq6,1,2,3\nq7,1,2\n'
    expect(await shown(text)).toEqual([
      '2: has 2 cells where the header has 3',
      '3: a quoted cell goes on after its closing quote; a quote inside it is written twice',
      '4 q3|1|2',
      '5: opens a quote that is not closed',
      '6 q5|1|2',
      '8: has 4 cells where the header has 3',
      '9 q7|1|2',
    ])
  })

  it('tells where in a row of several lines the quoting went wrong', async () => {
    expect(await shown('question,a,b\n"q\nand" so,1,2\nq3,1,2\n')).toEqual([
      '2: a quoted cell goes on after its closing quote; a quote inside it is written twice (line 3, character 5)',
      '3 and" so|1|2',
      '4 q3|1|2',
    ])
  })

  it.each([
    ['question,a,a', 'the header names the column "a" twice'],
    ['question,,a', 'the header has no name for column 2'],
    ['question,__proto__', 'the header may not name a column "__proto__"'],
  ])('with the header %s is refused', async (header, reason) => {
    expect(await table(`${header}\nq,1,2\n`)).toEqual([{ line: 1, reason, fatal: true }])
  })

  it('takes time in proportion to its size, wherever quotes open', async () => {
    const seconds = async (rows: number) => {
      const open = `question,a,b\n${'"q,""1""\n'.repeat(rows)}`
      const started = performance.now()
      await table(open)
      return (performance.now() - started) / 1000
    }
    await seconds(20_000)
    expect(await seconds(200_000)).toBeLessThan(8)
  })
})

describe('a mapping', () => {
  it('joins several prompt columns, and leaves out responses that are absent', async () => {
    const [record] = await table('question,input,a,b\nDo,this,1,\n', {
      prompt: ['question', 'input'],
      responses: ['a', 'b'],
    })
    expect(record).toMatchObject({ prompt: [{ content: 'Do\n\nthis' }], responses: [{ content: '1' }], metadata: {} })
  })

  it.each([
    [{ prompt: 'q', responses: [] }, 'The file has no column "q".'],
    [{ prompt: 'question', responses: ['c'] }, 'The file has no column "c".'],
    [{ prompt: 'question', responses: ['a', 'a'] }, 'The mapping uses the column "a" twice.'],
    [{ prompt: [], responses: ['a'] }, 'The mapping names no prompt column.'],
  ])('%j is refused with the reason', async (given, message) => {
    await expect(table('question,a,b\nq,1,2\n', given)).rejects.toMatchObject({ code: 'bad_mapping', message })
  })

  it('reads JSON rows too, where an answer of 42 may stand as the number', async () => {
    const text = '{"question":"q","a":42,"b":null,"more":[1]}\n{"question":"q","a":{}}\n{"a":"x"}'
    const items = await read('jsonl', text, { mapping })
    expect(items[0]).toMatchObject({
      responses: [{ content: '42' }],
      metadata: { more: [1] },
    } satisfies Partial<ImportRecord>)
    expect(items.slice(1)).toEqual([
      { line: 2, reason: 'a must be a text or a list of messages' },
      { line: 3, reason: 'question is missing' },
    ])
  })
})

describe('a column that says which response is better', () => {
  const said = async (winners: string[], preferred: Mapping['preferred'], strength?: string) =>
    (
      await table(`question,a,b,winner,how\n${winners.map((winner) => `q,x,y,${winner}`).join('\n')}\n`, {
        ...mapping,
        preferred,
        strength,
      })
    ).map((item) => (isProblem(item) ? item.reason : (item.judgement ?? null)))

  it('may hold numbers, names of columns and two words, and anything that is told', async () => {
    const first = { kind: 'preference', chosen: 0, rejected: 1 }
    const second = { kind: 'preference', chosen: 1, rejected: 0 }
    const cells = ['1,', '2,', 'a,', 'b,', 'tie,', 'both-bad,', ',', 'model_a,', 'tie (bothbad),']
    expect(await said(cells, { column: 'winner', means: { model_a: 1, 'tie (bothbad)': 'both-bad', '1': 2 } })).toEqual(
      [second, second, first, second, { kind: 'tie' }, { kind: 'both-bad' }, null, first, { kind: 'both-bad' }],
    )
  })

  it('takes a strength from another, and refuses what nobody has told the meaning of', async () => {
    expect(await said(['1,2', '2,', '1,9', 'x,1', 'constructor,1'], { column: 'winner' }, 'how')).toEqual([
      { kind: 'preference', chosen: 0, rejected: 1, strength: 2 },
      { kind: 'preference', chosen: 1, rejected: 0 },
      'how must be above 0 and at most 3',
      'winner is "x": the mapping does not say what that means',
      'winner is "constructor": the mapping does not say what that means',
    ])
  })

  it('is no metadata, needs two columns of responses, and both in its row', async () => {
    const preferred = { column: 'id' }
    const [row] = await table('question,a,b,id,n\nq,1,2,1,7\n', { ...mapping, preferred })
    expect(row).toMatchObject({ metadata: { n: '7' } })
    expect(await table('question,a,b,id\nq,1,,1\n', { ...mapping, preferred })).toEqual([
      { line: 2, reason: 'id says which of two responses is better, but the row has 1' },
    ])
    await expect(table('question,a,id\nq,1,1\n', { ...mapping, responses: ['a'], preferred })).rejects.toMatchObject({
      code: 'bad_mapping',
      where: 'id',
    })
    await expect(table('question,a,b\nq,1,2\n', { ...mapping, preferred: { column: 'gone' } })).rejects.toMatchObject({
      code: 'bad_mapping',
      where: 'gone',
    })
  })
})

it('takes ties in our own tables', async () => {
  const own = 'prompt,response_1,response_2,preferred\nq,x,y,tie\nq,x,y,both-bad\nq,x,y,2\nq,x,y,3\n'
  expect((await read('csv', own)).map((item) => (isProblem(item) ? item.reason : item.judgement))).toEqual([
    { kind: 'tie' },
    { kind: 'both-bad' },
    { kind: 'preference', chosen: 1, rejected: 0 },
    'preferred must be 1, 2, tie or both-bad',
  ])
})

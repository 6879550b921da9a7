import { createReadStream, existsSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { collect, read, readOne } from './fixture.ts'
import { formatNamed, formats, type ImportRecord, isProblem, type Mapping, preview } from './index.ts'

const user = (content: string) => ({ role: 'user', content })
const assistant = (content: string) => ({ role: 'assistant', content })

describe('rows for supervised fine-tuning', () => {
  it('are prompt and completion, or messages that end with the completion', async () => {
    const texts = await readOne('trl-prompt-completion', { prompt: 'a', completion: 'b', id: 1 })
    expect(texts).toMatchObject({ prompt: [user('a')], responses: [{ content: 'b' }], metadata: { id: 1 } })
    expect(texts.judgement).toEqual({ kind: 'demonstration', response: 0 })
    const messages = await readOne('trl-prompt-completion', { messages: [user('a'), assistant('b')], id: 1 })
    expect(messages).toEqual(texts)
    const halves = await readOne('trl-prompt-completion', { prompt: [user('a')], completion: [assistant('b')], id: 1 })
    expect(halves).toEqual(texts)
  })

  it('are refused where there is nothing to learn', async () => {
    const reason = async (row: unknown) => (await readOne('trl-prompt-completion', row)).reason
    expect(await reason({ messages: [user('a')] })).toBe("messages does not end with the assistant's message")
    expect(await reason({ messages: [assistant('a')] })).toBe('messages holds no prompt before the completion')
    expect(await reason({ prompt: 'a' })).toBe('completion is missing')
    expect(await reason({ prompt: 'a', completion: [] })).toBe('completion is an empty list')
  })
})

describe('KTO rows', () => {
  it('say of one response whether it is wanted', async () => {
    const record = await readOne('kto', { prompt: 'a', completion: 'b', label: false })
    expect(record.judgement).toEqual({ kind: 'desirability', response: 0, desirable: false })
    expect((await readOne('kto', { prompt: 'a', completion: 'b', label: 'maybe' })).reason).toBe(
      'label must be true or false',
    )
  })

  it('may stand in a table', async () => {
    const [item] = await read('kto', 'prompt,completion,label\na,b,True\n', { fileName: 'x.csv' })
    expect(item).toMatchObject({ judgement: { desirable: true } })
  })
})

describe('our own JSON lines', () => {
  it('hold whatever a record holds', async () => {
    const judgement = { kind: 'ranking', tiers: [[1], [0, 2]] }
    const responses = ['x', { content: 'y', metadata: { model: 'm' } }, 'z']
    expect(await readOne('jsonl', { prompt: 'a', responses, judgement, metadata: { b: 1 }, c: 2 })).toEqual({
      line: 1,
      prompt: [user('a')],
      responses: [{ content: 'x' }, { content: 'y', metadata: { model: 'm' } }, { content: 'z' }],
      judgement,
      metadata: { b: 1, c: 2 },
    })
  })

  it.each([
    [{ kind: 'preference', chosen: 0, rejected: 2 }, 'judgement.rejected must be the index of a response, 0 to 1'],
    [{ kind: 'preference', chosen: 0, rejected: 0 }, 'judgement.rejected is the chosen response too'],
    [{ kind: 'preference', chosen: 0, rejected: 1, strength: 0 }, 'judgement.strength must be above 0 and at most 3'],
    [{ kind: 'ranking', tiers: [[0], [0]] }, 'judgement.tiers ranks response 0 twice'],
    [{ kind: 'ranking', tiers: [[]] }, 'judgement.tiers[0] must be a list of responses'],
    [{ kind: 'demonstration', response: '0' }, 'judgement.response must be the index of a response, 0 to 1'],
    [{ kind: 'desirability', response: 0 }, 'judgement.desirable must be true or false'],
    [{ kind: 'rating' }, 'judgement.kind must be preference, tie, both-bad, demonstration, desirability or ranking'],
    [7, 'judgement must be an object'],
  ])('refuse the judgement %j', async (judgement, reason) => {
    expect((await readOne('jsonl', { prompt: 'a', responses: ['x', 'y'], judgement })).reason).toBe(reason)
  })
})

describe('OpenAssistant trees', () => {
  const message = (text: string, replies: unknown[] = [], rest = {}) => ({ text, role: 'assistant', replies, ...rest })

  it('become one prompt for each of the prompter’s messages, with the ranking of its replies', async () => {
    const follow = { text: 'why', role: 'prompter', replies: [message('so')] }
    const replies = [
      message('b', [follow], { rank: 1 }),
      message('a', [], { rank: 0 }),
      message('c'),
      message('gone', [], { deleted: true }),
    ]
    const tree = { message_tree_id: 't', prompt: { text: 'q', role: 'prompter', message_id: 'm', replies } }
    expect(await read('oasst', JSON.stringify(tree))).toEqual([
      {
        line: 1,
        prompt: [user('q')],
        responses: ['b', 'a', 'c'].map((content) => ({ content, metadata: {} })),
        judgement: { kind: 'ranking', tiers: [[1], [0]] },
        metadata: { message_id: 'm' },
      },
      {
        line: 1,
        prompt: [user('q'), assistant('b'), user('why')],
        responses: [{ content: 'so', metadata: {} }],
        metadata: {},
      },
    ])
  })

  it('name the place of a fault', async () => {
    const tree = { prompt: { text: 'q', role: 'prompter', replies: [message('a', [message('b')])] } }
    expect((await readOne('oasst', tree)).reason).toBe(
      "prompt.replies[0].replies[0].role must answer an assistant's message as prompter",
    )
  })
})

describe('detection', () => {
  it.each([
    ['hh', { chosen: '\n\nHuman: a\n\nAssistant: b', rejected: '\n\nHuman: a\n\nAssistant: c' }],
    ['trl-preference', { prompt: 'a', chosen: 'b', rejected: 'c' }],
    ['kto', { prompt: 'a', completion: 'b', label: true }],
    ['trl-prompt-completion', { prompt: 'a', completion: 'b' }],
    ['trl-prompt-completion', { messages: [user('a'), assistant('b')] }],
    ['trl-prompt-only', { prompt: 'a' }],
    ['jsonl', { prompt: 'a', responses: ['b'] }],
    ['csv', { prompt: 'a', response_1: 'b' }],
    ['oasst', { message_tree_id: 't', prompt: { text: 'q', role: 'prompter' } }],
  ])('puts %s first where it fits', async (name, row) => {
    async function* stream() {
      yield Buffer.from(JSON.stringify(row))
    }
    expect((await preview(stream(), {})).formats[0]).toBe(name)
  })

  it('offers no format for rows of another kind', () => {
    expect(formats.filter(({ sniff }) => sniff([{ a: 1 }]) || sniff([]))).toEqual([])
  })
})

describe('whatever comes', () => {
  it('ends in records and problems, never in an error, with lines that do not go back', async () => {
    const scrap = fc.constantFrom(
      ...[
        '{"prompt":',
        '"chosen":',
        '"rejected":',
        '"a"',
        '{',
        '}',
        '[',
        ']',
        ',',
        ':',
        '\n',
        '\r\n',
        '"',
        '\\',
        'null',
        '1e999',
      ],
      ...[
        'prompt,response_1',
        '__proto__',
        '{"__proto__":{"prompt":"a"}}',
        '{"prompt":"a","responses":["b"]}',
        '\ufeff',
        '\t',
        ';',
      ],
      ...[
        '{"messages":[{"role":"user","content":"a"}]}',
        '{"message_tree_id":1,"prompt":{"text":"a","role":"prompter"}}',
      ],
    )
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc.array(scrap, { maxLength: 14 }).map((all) => new TextEncoder().encode(all.join(''))),
      fc.uint8Array({ maxLength: 60 }).map((some) => Uint8Array.from([0x1f, 0x8b, 8, ...some])),
    )
    const property = fc.asyncProperty(
      fc.constantFrom(...formats.map(({ name }) => name)),
      fc.constantFrom('x', 'x.csv', 'x.jsonl', 'x.tsv.gz'),
      bytes,
      async (name, fileName, content) => {
        let last = 1
        for (const item of await read(name, content, { fileName })) {
          expect(item.line).toBeGreaterThanOrEqual(last)
          if (isProblem(item)) expect(item.reason).not.toMatch(/undefined|NaN(?! and)|\[object/)
          last = item.line
        }
      },
    )
    await fc.assert(property, { numRuns: 1500 })
  })
})

const shared = new URL('../../../shared/data/', import.meta.url)

describe.skipIf(!existsSync(shared))('real data (SKIPPED: ../shared/data is absent)', () => {
  const records = async (format: string, file: string, mapping?: Mapping) => {
    const items = await collect(
      formatNamed(format).parse(createReadStream(new URL(file, shared)), { fileName: file, mapping }),
    )
    expect(items.filter(isProblem)).toEqual([])
    return items as ImportRecord[]
  }

  it('100 OpenAssistant trees hold 1,167 messages, 641 of them ranked', async () => {
    const read = await records('oasst', 'oasst/en_100_tree.jsonl')
    expect(new Set(read.map(({ line }) => line)).size).toBe(100)
    expect(read.length + read.flatMap(({ responses }) => responses).length).toBe(1167)
    const tiers = read.map(({ judgement }) => (judgement?.kind === 'ranking' ? judgement.tiers.flat().length : 0))
    expect(tiers.reduce((sum, ranked) => sum + ranked)).toBe(641)
  })

  it('PandaLM is an array of 999 pairs', async () => {
    const mapping = { prompt: ['instruction', 'input'], responses: ['response1', 'response2'] }
    const read = await records('jsonl', 'pandalm/testset-v1.json', mapping)
    expect([read.length, read.every(({ responses }) => responses.length === 2)]).toEqual([999, true])
    const votes = read.map(({ metadata: { annotator1, annotator2, annotator3 } }) => [
      annotator1,
      annotator2,
      annotator3,
    ])
    const majority = votes.map((given) => given.find((vote, i) => given.indexOf(vote) < i))
    expect([0, 1, 2].map((label) => majority.filter((vote) => vote === label).length)).toEqual([105, 422, 472])
  })

  it('fine-grained feedback is an array of 500 questions with four answers each', async () => {
    const responses = [1, 2, 3, 4].map((i) => `prediction ${i}`)
    const read = await records('jsonl', 'fine-grained-rlhf/dev_feedback.json', { prompt: 'question', responses })
    expect([read.length, read.flatMap((record) => record.responses).length]).toEqual([500, 2000])
  })

  it('rule-based-rewards completions are 351 demonstrations', async () => {
    expect((await records('trl-prompt-completion', 'rbr-safety/train.jsonl')).length).toBe(351)
  })
})

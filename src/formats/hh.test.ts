import { createReadStream, existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { collect, read, readOne } from './fixture.ts'
import { formatNamed, type ImportRecord, isProblem } from './index.ts'

const first = (row: unknown) => readOne('hh', row)
const refused = async (row: unknown) => (await readOne('hh', row)).reason

describe('HH transcripts', () => {
  it('parts two transcripts at their last turn', async () => {
    const record = await first({
      chosen: '\n\nHuman: Hi\n\nAssistant: Hello\n\nHuman: Why?\n\nAssistant: Because.',
      rejected: '\n\nHuman: Hi\n\nAssistant: Hello\n\nHuman: Why?\n\nAssistant: No.',
      id: 7,
    })
    expect(record).toEqual({
      line: 1,
      prompt: [
        { role: 'user', content: 'Hi' },
        { role: 'assistant', content: 'Hello' },
        { role: 'user', content: 'Why?' },
      ],
      responses: [{ content: 'Because.' }, { content: 'No.' }],
      judgement: { kind: 'preference', chosen: 0, rejected: 1 },
      metadata: { id: 7 },
    })
  })

  it('takes an empty response for a response', async () => {
    const record = await first({ chosen: '\n\nHuman: Hi\n\nAssistant:', rejected: '\n\nHuman: Hi\n\nAssistant: No.' })
    expect(record.responses.map(({ content }) => content)).toEqual(['', 'No.'])
  })

  it('keeps further assistant turns in the response that opened them', async () => {
    const record = await first({
      chosen: '\n\nHuman: Hi\n\nAssistant: One\n\nAssistant: Two',
      rejected: '\n\nHuman: Hi\n\nAssistant: No.',
    })
    expect(record.responses[0]!.content).toBe('One\n\nAssistant: Two')
  })

  it('keeps a speaker who is named inside a line', async () => {
    const record = await first({
      chosen: '\n\nHuman: Hi\n\nAssistant: Human: what?  Human: that.',
      rejected: '\n\nHuman: Hi\n\nAssistant: No.',
    })
    expect(record.responses[0]!.content).toBe('Human: what?  Human: that.')
  })

  it('reads trimmed transcripts, and text before the first speaker as system turn', async () => {
    const record = await first({
      chosen: 'Be kind.\n\nHuman: Hi\n\nAssistant: A',
      rejected: 'Be kind.\n\nHuman: Hi\n\nAssistant: B',
    })
    expect(record.prompt[0]).toEqual({ role: 'system', content: 'Be kind.' })
    const trimmed = await first({ chosen: 'Human: Hi\n\nAssistant: A', rejected: 'Human: Hi\n\nAssistant: B' })
    expect(trimmed.prompt).toEqual([{ role: 'user', content: 'Hi' }])
  })

  it('refuses what is not two responses to one prompt, and says why', async () => {
    const end = '\n\nAssistant: ok'
    expect(await refused({ chosen: `\n\nHuman: a${end}`, rejected: `\n\nHuman: b${end}` })).toContain(
      "before the user's turn 1",
    )
    expect(
      await refused({
        chosen: `\n\nHuman: a\n\nAssistant: x\n\nHuman: c${end}`,
        rejected: `\n\nHuman: a\n\nAssistant: y\n\nHuman: d${end}`,
      }),
    ).toContain("part at turn 2, before the user's turn 3")
    expect(await refused({ chosen: `\n\nHuman: a${end}\n\nHuman: b`, rejected: `\n\nHuman: a${end}` })).toContain(
      "does not end with the assistant's turn",
    )
    expect(await refused({ chosen: 'hello', rejected: `\n\nHuman: a${end}` })).toBe(
      'chosen has no "Human:" and "Assistant:" turns',
    )
    expect(await refused({ chosen: end, rejected: '\n\nAssistant: no' })).toContain('share no prompt')
    expect(await refused({ chosen: `\n\nHuman: a${end}`, rejected: `\n\nHuman: a${end}` })).toContain('the same text')
    expect(await refused({ chosen: `\n\nHuman: a${end}` })).toBe('rejected must be a text')
  })

  it('tells the line of the row that fails and reads the others', async () => {
    const good = { chosen: '\n\nHuman: a\n\nAssistant: b', rejected: '\n\nHuman: a\n\nAssistant: c' }
    const items = await read('hh', [good, { chosen: 1 }, good].map((row) => JSON.stringify(row)).join('\n'))
    expect(items.map((item) => [item.line, isProblem(item)])).toEqual([
      [1, false],
      [2, true],
      [3, false],
    ])
  })
})

const pairs = new URL('../../../shared/data/hh-rlhf/harmless-base.first1800.jsonl.gz', import.meta.url)

describe.skipIf(!existsSync(pairs))('the real HH pairs (SKIPPED: ../shared/data/hh-rlhf is absent)', () => {
  it('are 1,800 comparisons without a problem, and the longer response is chosen in about 44%', async () => {
    const items = await collect(formatNamed('hh').parse(createReadStream(pairs)))
    const records = items.filter((item): item is ImportRecord => !isProblem(item))
    expect([records.length, items.length]).toEqual([1800, 1800])
    const longer = records.filter(
      ({ responses: [chosen, rejected] }) => chosen!.content.length > rejected!.content.length,
    )
    expect(longer.length / 1800).toBeCloseTo(0.44, 1)
    expect(records.filter(({ responses }) => responses[0]!.content === '').length).toBe(4)
  })
})

import { describe, expect, it } from 'vitest'
import { readOne } from './fixture.ts'

const read = (row: unknown) => readOne('trl-preference', row)
const user = (content: string) => ({ role: 'user', content })
const assistant = (content: string) => ({ role: 'assistant', content })

describe('TRL preference rows', () => {
  it('reads an explicit prompt as text, other columns as metadata', async () => {
    const row = { prompt: 'The sky is', chosen: ' blue.', rejected: ' green.', score_chosen: 9, strength: 2 }
    expect(await read(row)).toEqual({
      line: 1,
      prompt: [user('The sky is')],
      responses: [{ content: ' blue.' }, { content: ' green.' }],
      judgement: { kind: 'preference', chosen: 0, rejected: 1, strength: 2 },
      metadata: { score_chosen: 9 },
    })
  })

  it('reads an explicit prompt as messages', async () => {
    const prompt = [{ role: 'system', content: 'Be kind.' }, user('Hi')]
    const record = await read({ prompt, chosen: [assistant('a')], rejected: [assistant('b')] })
    expect(record.prompt).toEqual(prompt)
    expect(record.responses).toEqual([{ content: 'a' }, { content: 'b' }])
  })

  it('takes off a prompt that both completions repeat', async () => {
    const record = await read({
      prompt: 'Hi',
      chosen: [user('Hi'), assistant('a')],
      rejected: [user('Hi'), assistant('b')],
    })
    expect(record.responses).toEqual([{ content: 'a' }, { content: 'b' }])
  })

  it('finds an implicit prompt in texts, without parting a word', async () => {
    const record = await read({ chosen: 'The sky is blue.', rejected: 'The sky is black.' })
    expect([record.prompt, record.responses.map(({ content }) => content)]).toEqual([
      [user('The sky is')],
      [' blue.', ' black.'],
    ])
    const longer = await read({ chosen: 'The sky is', rejected: 'The sky isle' })
    expect(longer.responses.map(({ content }) => content)).toEqual([' is', ' isle'])
  })

  it('finds an implicit prompt in messages and in transcripts', async () => {
    const messages = await read({ chosen: [user('Hi'), assistant('a')], rejected: [user('Hi'), assistant('b')] })
    const transcripts = await read({
      chosen: '\n\nHuman: Hi\n\nAssistant: a',
      rejected: '\n\nHuman: Hi\n\nAssistant: b',
    })
    expect(messages).toEqual(transcripts)
    expect(messages.prompt).toEqual([user('Hi')])
  })

  it('reads a prompt that is an open transcript as its turns', async () => {
    const record = await read({
      prompt: '\n\nHuman: a\n\nAssistant: b\n\nHuman: c\n\nAssistant:',
      chosen: ' x',
      rejected: ' y',
    })
    expect(record.prompt).toEqual([user('a'), assistant('b'), user('c')])
    expect(record.responses).toEqual([{ content: 'x' }, { content: 'y' }])
  })

  it('says which field of a row is at fault', async () => {
    const reason = async (row: unknown) => (await read(row)).reason
    expect(await reason({ prompt: 'a', chosen: 'b' })).toBe('rejected is missing')
    expect(await reason({ prompt: 'a', chosen: 'b', rejected: 'b' })).toBe('chosen and rejected are the same text')
    expect(await reason({ prompt: [], chosen: 'b', rejected: 'c' })).toBe('prompt is an empty list')
    expect(await reason({ prompt: '', chosen: 'b', rejected: 'c' })).toBe('prompt is empty')
    expect(await reason({ prompt: 3, chosen: 'b', rejected: 'c' })).toBe('prompt must be a text or a list of messages')
    expect(await reason({ prompt: [{ role: 'tool', content: '' }], chosen: 'b', rejected: 'c' })).toBe(
      'prompt[0].role must be system, user or assistant, not "tool"',
    )
    expect(await reason({ prompt: 'a', chosen: [user('b')], rejected: 'c' })).toContain(
      'chosen must hold exactly one message',
    )
    expect(await reason({ prompt: 'a', chosen: 'b', rejected: 'c', strength: 4 })).toBe(
      'strength must be above 0 and at most 3',
    )
    expect(await reason({ chosen: 'b', rejected: 'c' })).toContain('share no beginning')
  })
})

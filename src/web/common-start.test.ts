import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { commonStart, splitCommonStart } from './common-start.ts'

const text = fc
  .array(fc.constantFrom('chain', 'chainring', ' ', '\n\n', '👩🏽‍⚕️', 'é', '```', '- x', '漢'), { maxLength: 12 })
  .map((parts) => parts.join(''))

describe('the common beginning', () => {
  it('ends at a word, although letters agree further', () => {
    expect(commonStart('Mend the chain.', 'Mend the chainring.')).toBe(9)
    expect(commonStart('I can not', 'I can help')).toBe('I can '.length)
    expect(commonStart('yes', 'yesterday')).toBe(0)
  })
  it('is the shorter text where the longer goes on with a new word', () => {
    expect(commonStart('Yes.', 'Yes. Gladly')).toBe(4)
    expect(commonStart('same', 'same')).toBe(4)
    expect(commonStart('', 'x')).toBe(0)
  })
  it('never cuts a character that is made of several', () => {
    expect(splitCommonStart('a \u0301b', 'a \u0301c')).toMatchObject({ start: 'a' })
    expect(splitCommonStart('see 👩🏽‍⚕️', 'see 👩🏽‍🔬')).toEqual({ start: 'see ', a: '👩🏽‍⚕️', b: '👩🏽‍🔬' })
  })
  it('is shared, ends at a boundary, and leaves nothing out, for any texts', () => {
    fc.assert(
      fc.property(text, text, fc.constantFrom('word' as const, 'block' as const), (a, b, boundary) => {
        const parts = splitCommonStart(a, b, { boundary })
        expect(parts.start + parts.a).toBe(a)
        expect(parts.start + parts.b).toBe(b)
        const ends = (rest: string) => rest === '' || /^\s/.test(rest) || /\s$/.test(parts.start)
        if (parts.start) expect(ends(parts.a) && ends(parts.b)).toBe(true)
        expect(commonStart(b, a, boundary)).toBe(parts.start.length)
      }),
    )
  })
  it('ends between blocks of Markdown, never inside code or a list item', () => {
    const block = (a: string, b: string) => splitCommonStart(a, b, { boundary: 'block' }).start
    expect(block('Intro.\n\nFirst way', 'Intro.\n\nFirst step')).toBe('Intro.')
    expect(block('```\na\n\nb\n```', '```\na\n\nc\n```')).toBe('')
    expect(block('Run:\n\n```\na\n```\n\nThen x', 'Run:\n\n```\na\n```\n\nThen y')).toBe('Run:\n\n```\na\n```')
    expect(block('- one\n\n  more\n\nx', '- one\n\n  other\n\nx')).toBe('')
    expect(block('One line here', 'One line there')).toBe('')
  })
  it('can be too short to be worth a place of its own', () => {
    expect(splitCommonStart('I am A', 'I am B', { least: 40 })).toEqual({ start: '', a: 'I am A', b: 'I am B' })
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { differences, wordDiff } from './word-diff.ts'

const text = fc
  .array(fc.constantFrom('a', 'b', 'chain', ' ', ' ', '\n', '漢字', '👩🏽‍⚕️', '.'), { maxLength: 30 })
  .map((parts) => parts.join(''))

describe('the difference of two texts', () => {
  it('is told in words', () => {
    expect(wordDiff('Open a window.', 'Open the window.')).toEqual([
      { kind: 'same', text: 'Open ' },
      { kind: 'removed', text: 'a' },
      { kind: 'added', text: 'the' },
      { kind: 'same', text: ' window.' },
    ])
  })
  it('reads a rewritten phrase as one change', () => {
    expect(wordDiff('go very far now', 'go not there now').map(({ kind, text: words }) => `${kind} ${words}`)).toEqual([
      'same go ',
      'removed very far',
      'added not there',
      'same  now',
    ])
  })
  it('finds words where nothing stands between them', () => {
    const parts = wordDiff('我喜欢苹果', '我喜欢香蕉')
    expect(parts[0]).toEqual({ kind: 'same', text: '我喜欢' })
    expect(parts).toHaveLength(3)
  })
  it('loses and invents nothing', () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        const parts = wordDiff(a, b)
        const without = (kind: string) => parts.filter((part) => part.kind !== kind).map((part) => part.text)
        expect(without('added').join('')).toBe(a)
        expect(without('removed').join('')).toBe(b)
        expect(parts.every((part) => part.text)).toBe(true)
        if (a === b) expect(parts.every((part) => part.kind === 'same')).toBe(true)
      }),
    )
  })
  it('answers soon where everything differs', () => {
    const a = Array.from({ length: 8000 }, (_, index) => `a${index}`).join(' ')
    const b = Array.from({ length: 8000 }, (_, index) => `b${index}`).join(' ')
    const parts = wordDiff(a, b)
    expect(parts.map(({ text: words }) => words.length).reduce((sum, length) => sum + length)).toBeGreaterThan(a.length)
  })
  it('gives the places to mark on either side', () => {
    expect(differences('one two three', 'one 2 three')).toEqual({ a: [[4, 7]], b: [[4, 5]] })
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { piecesOf, sliceCodePoints, toCodePoints, toUnits, wholeCharacters } from './code-points.ts'

const text = fc.string({ unit: 'binary', maxLength: 40 })

describe('code points', () => {
  it('count an emoji as one although it takes two units', () => {
    expect(toCodePoints('a😀b', 3)).toBe(2)
    expect(toUnits('a😀b', 2)).toBe(3)
    expect(sliceCodePoints('a😀b', 1, 2)).toBe('😀')
  })
  it('agree with the iterator of strings, there and back', () => {
    fc.assert(
      fc.property(text, fc.nat(50), (string, at) => {
        const point = Math.min(at, [...string].length)
        expect(toUnits(string, point)).toBe([...string].slice(0, point).join('').length)
        expect(toCodePoints(string, toUnits(string, point))).toBe(point)
      }),
    )
  })
  it('count a place inside a pair as before it', () => {
    expect(toCodePoints('😀', 1)).toBe(0)
  })
})

describe('a marked passage', () => {
  it('holds whole characters: flags, skin tones, accents', () => {
    const flag = 'x🇩🇪y'
    expect(wholeCharacters(flag, 2, 4)).toEqual({ from: 1, to: 5 })
    const accent = 'cafe\u0301s'
    expect(wholeCharacters(accent, 0, 4)).toEqual({ from: 0, to: 5 })
    expect(wholeCharacters('👩🏽‍⚕️', 2, 3)).toEqual({ from: 0, to: '👩🏽‍⚕️'.length })
  })
  it('leaves out the white space that a double click takes along', () => {
    expect(wholeCharacters('one two ', 4, 8)).toEqual({ from: 4, to: 7 })
    expect(wholeCharacters('one  two', 3, 5)).toBeUndefined()
    expect(wholeCharacters('one', 2, 2)).toBeUndefined()
  })
  it('is cut into pieces that join to the text and name what covers them', () => {
    const pieces = piecesOf('a😀bcd', [
      { id: 'first', start: 0, end: 3 },
      { id: 'second', start: 2, end: 4 },
    ])
    expect(pieces).toEqual([
      { text: 'a😀', spans: ['first'] },
      { text: 'b', spans: ['first', 'second'] },
      { text: 'c', spans: ['second'] },
      { text: 'd', spans: [] },
    ])
  })
  it('keeps every text whole under any spans', () => {
    const spans = fc.array(fc.tuple(fc.nat(50), fc.nat(50)), { maxLength: 6 })
    fc.assert(
      fc.property(text, spans, (string, places) => {
        const all = places.map(([a, b], index) => ({ id: String(index), start: Math.min(a, b), end: Math.max(a, b) }))
        const pieces = piecesOf(string, all)
        expect(pieces.map((piece) => piece.text).join('')).toBe(string)
        for (const { id, start, end } of all) {
          const marked = pieces.filter((piece) => piece.spans.includes(id)).map((piece) => piece.text)
          expect(marked.join('')).toBe(sliceCodePoints(string, start, end))
        }
      }),
    )
  })
})

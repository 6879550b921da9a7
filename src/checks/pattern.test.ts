import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { patternChecker } from './index.ts'

const found = (pattern: string, text: string) =>
  patternChecker('rule', pattern)
    .check(text)
    .map(({ start, end }) => text.slice(start, end))

/** Every span that the pattern matches exactly, seen in its place in the text. Order of ends, then of starts. */
function everyMatch(source: string, text: string): [start: number, end: number][] {
  const spans: [number, number][] = []
  for (let end = 1; end <= text.length; end++) {
    for (let start = 0; start < end; start++) {
      const before = `(?<=(?<![\\s\\S])[\\s\\S]{${start}})`
      const after = `(?=[\\s\\S]{${text.length - end}}(?![\\s\\S]))`
      if (new RegExp(`${before}(?:${source})${after}`, 'imu').test(text)) spans.push([start, end])
    }
  }
  return spans
}

function joined(spans: [start: number, end: number][]): [start: number, end: number][] {
  const all: [number, number][] = []
  for (const [start, end] of spans.sort(([a], [b]) => a - b)) {
    const last = all.at(-1)
    if (last && start < last[1]) last[1] = Math.max(last[1], end)
    else all.push([start, end])
  }
  return all
}

describe("a user's pattern", () => {
  it.each([
    ['colou?r', 'Color and colour', ['Color', 'colour']],
    ['\\bcat\\b', 'cat concat cats CAT', ['cat', 'CAT']],
    ['[a-c]+\\d{2,3}', 'ab12 c9 abc12345', ['ab12', 'abc123']],
    ['(?:foo|ba[rz])!', 'foo! bar! baz', ['foo!', 'bar!']],
    ['^- .*$', '- one\ntwo\n- three', ['- one', '- three']],
    ['\\p{Lu}\\p{Ll}+', 'Ärger', ['Ärger']],
    ['😀{2}', 'a😀😀b', ['😀😀']],
    ['a.c', 'abc a\nc', ['abc']],
    ['(?<year>\\d{4})-\\d\\d', 'in 2024-05', ['2024-05']],
    ['x*', 'aaxxa', ['xx']],
    ['(a*)*b', 'aaab', ['aaab']],
    ['foo', 'foofoo', ['foo', 'foo']],
    ['\\$\\d+\\.\\d\\d|"\\-"', 'cost $3.50 "-"', ['$3.50', '"-"']],
    ['a{0}b', 'ab', ['b']],
    ['[^\\s]+@', 'me@x', ['me@']],
    ['a-b/c]{', 'a-b/c]{', ['a-b/c]{']],
  ])('%s finds what it says', (pattern, text, expected) => {
    expect(found(pattern, text)).toEqual(expected)
  })

  it('makes one finding of those that overlap', () => {
    expect(found('aba', 'ababa x aba')).toEqual(['ababa', 'aba'])
  })

  it.each([
    ['(a', 'opens a bracket that is not closed at character 1'],
    ['a)', 'closes a bracket that is not open at character 2'],
    ['[a', 'opens a set that is not closed at character 1'],
    ['*a', 'has a quantifier with nothing before it at character 1'],
    ['a**', 'has two quantifiers at character 3'],
    ['a{3,1}', 'has a range in the wrong order'],
    ['a{1001}', 'repeats more than 1000 times'],
    ['(?=a)', 'looks around, which cannot be done in linear time, at character 1'],
    ['(?<!a)b', 'looks around'],
    ['(a)\\1', 'refers back, which cannot be done in linear time, at character 4'],
    ['a\\', 'ends in a backslash at character 2'],
    ['[b-a]', 'which is no character or set, at character 1'],
    ['\\q', 'which is no character or set, at character 1'],
    ['', 'is empty'],
    ['((a{500}){500}){500}', 'repeats too much'],
  ])('%s is refused with the place', (pattern, reason) => {
    expect(() => patternChecker('rule', pattern)).toThrowError(expect.objectContaining({ code: 'bad_pattern' }))
    expect(() => patternChecker('rule', pattern)).toThrowError(reason)
  })

  it('finds exactly what JavaScript matches anywhere, overlaps joined', () => {
    const atom = fc.constantFrom(
      'a',
      'b',
      '.',
      '[ab]',
      '[^a]',
      '\\b',
      '\\B',
      'c?',
      'a*',
      '(?:ab|c)+',
      'b{1,2}',
      '\\d',
      '^',
      '$',
    )
    const pattern = fc
      .array(fc.oneof(atom, fc.constant('|')), { minLength: 1, maxLength: 6 })
      .map((all) => all.join(''))
    const text = fc.array(fc.constantFrom('a', 'b', 'c', '1', ' ', '\n'), { maxLength: 8 }).map((all) => all.join(''))
    fc.assert(
      fc.property(pattern, text, (source, content) => {
        const spans = patternChecker('rule', source)
          .check(content)
          .map(({ start, end }) => [start, end])
        expect(spans).toEqual(joined(everyMatch(source, content)))
      }),
      { numRuns: 1000 },
    )
  })

  it.each(['(a+)+$', '(a|a)*b', '(.*,){10}x', 'a*a*a*a*b', '(\\w+\\s?)*!'])(
    '%s takes time in proportion to the text',
    (pattern) => {
      const { check } = patternChecker('rule', pattern)
      const seconds = (length: number) => {
        const text = 'a'.repeat(length)
        const started = performance.now()
        check(text)
        return (performance.now() - started) / 1000
      }
      seconds(5_000)
      expect(seconds(100_000)).toBeLessThan(3)
    },
  )
})

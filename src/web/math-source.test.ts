import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dollarsOf } from './math-source.ts'

describe('money and mathematics', () => {
  it('leaves formulas alone', () => {
    for (const text of ['the mass $m$ and $E = mc^2$.', '$$\\int x$$', 'a\n\n$$\nx\n$$\n'])
      expect(dollarsOf(text)).toBe(text)
  })
  it('keeps money as money', () => {
    expect(dollarsOf('costs $5, not $10')).toBe('costs \\$5, not \\$10')
    expect(dollarsOf('between $5 and $10.')).toBe('between \\$5 and \\$10.')
    expect(dollarsOf('$ 5 $')).toBe('\\$ 5 \\$')
  })
  it('does not let a formula run into the next paragraph', () => {
    expect(dollarsOf('it is $x\n\nand y$ then')).toBe('it is \\$x\n\nand y\\$ then')
  })
  it('reads the brackets that models write', () => {
    expect(dollarsOf('so \\(x+1\\) holds')).toBe('so $x+1$ holds')
    expect(dollarsOf('so\n  \\[ x^2 \\]\nholds')).toBe('so\n  $$\n  x^2\n  $$\nholds')
  })
  it('touches no code', () => {
    for (const text of [
      '`$PATH` and `\\(x\\)`',
      '```sh\necho $HOME $1\n```',
      '~~~\n\\[x\\]\n~~~',
      '```\nnever closed $5 and $6',
    ])
      expect(dollarsOf(text)).toBe(text)
  })
  it('leaves text without dollars and backslashes as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        fc.pre(!/[$\\]/.test(text))
        expect(dollarsOf(text)).toBe(text)
      }),
    )
  })
  it('takes no more than linear time for what looks like many openings', () => {
    for (const unit of ['$a ', '\\(', '\\[', '`', '$', '$$ ', '$a$1', '\\(x ', '~~~ ', '\\[\n\n\\)']) {
      const started = performance.now()
      dollarsOf(unit.repeat(30_000))
      expect(performance.now() - started, unit).toBeLessThan(1000)
    }
  })
})

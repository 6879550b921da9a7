import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { luhn, mod11by10, mod97, verhoeff } from './checksum.ts'

const digits = (length: number) =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength: length, maxLength: length }).map((all) => all.join(''))

describe('check digits', () => {
  it('hold for the examples of their standards', () => {
    expect([luhn('79927398713'), luhn('79927398710')]).toEqual([true, false])
    expect([verhoeff('2363'), verhoeff('2364')]).toEqual([true, false])
    expect([mod11by10('86095742719'), mod11by10('86095742718')]).toEqual([true, false])
    expect(mod97('3214282912345698765432161182')).toBe(1)
    expect(mod97('WEST12345698765432GB82')).toBe(1)
  })

  it.each([
    ['luhn', luhn],
    ['verhoeff', verhoeff],
    ['mod11by10', mod11by10],
  ])('%s: exactly one last digit is right, and no single error passes', (_, check) => {
    fc.assert(
      fc.property(digits(10), fc.nat(9), fc.integer({ min: 1, max: 9 }), (body, place, error) => {
        const valid = Array.from({ length: 10 }, (_, last) => `${body}${last}`).filter(check)
        expect(valid.length).toBe(1)
        const number = valid[0]!
        const wrong = (Number(number[place]) + error) % 10
        expect(check(number.slice(0, place) + wrong + number.slice(place + 1))).toBe(false)
      }),
    )
  })

  it('verhoeff: no swap of neighbours passes', () => {
    fc.assert(
      fc.property(digits(10), fc.nat(9), (body, place) => {
        const number = Array.from({ length: 10 }, (_, last) => `${body}${last}`).find(verhoeff)!
        const [a, b] = [number[place]!, number[place + 1]!]
        fc.pre(a !== b)
        expect(verhoeff(number.slice(0, place) + b + a + number.slice(place + 2))).toBe(false)
      }),
    )
  })
})

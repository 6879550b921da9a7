/** Payment cards: issuer's range and length (ISO/IEC 7812), then Luhn. */
import { luhn } from './checksum.ts'
import type { Checker } from './finding.ts'
import { scan } from './scan.ts'

const issuers: [name: string, lengths: number[], prefix: RegExp][] = [
  ['American Express', [15], /^3[47]/],
  ['Diners Club', [14], /^3(?:0[0-5]|[689])/],
  ['Discover', [16], /^6(?:011|4[4-9]|5)/],
  ['JCB', [16], /^35(?:2[89]|[3-8])/],
  ['Mastercard', [16], /^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/],
  ['UnionPay', [16, 17, 18, 19], /^62/],
  ['Visa', [13, 16, 19], /^4/],
  ['Maestro', [16, 18], /^(?:50|5[6-9]|6[37])/],
]

/** Digits in one piece, or in groups with the same kind of gap between them. */
const candidate =
  /(?<![\w.,+]|\d[ -])(?:\d{13,19}|\d{4}([ -])\d{4}\1\d{4}\1\d{1,7}|\d{4}([ -])\d{6}\2\d{4,5})(?![\w]|[.,-]\d| \d{4})/g

export const card: Checker = {
  name: 'card',
  title: 'Payment cards',
  check: (text) =>
    scan(text, candidate, (match) => {
      const digits = match.replace(/\D/g, '')
      if (!luhn(digits) || /^(\d)\1+$/.test(digits)) return undefined
      const issuer = issuers.find(([, lengths, prefix]) => lengths.includes(digits.length) && prefix.test(digits))
      return issuer && { kind: 'card', note: issuer[0] }
    }),
}

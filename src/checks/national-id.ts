/**
 * Numbers that states give to persons. Those with a check digit or a shape of their own are found anywhere; those that
 * are plain digits only after the name of the number.
 */
import { luhn, mod11by10, mod97, verhoeff, weighted } from './checksum.ts'
import type { Checker } from './finding.ts'
import { follows, scan } from './scan.ts'

interface Identifier {
  note: string
  pattern: RegExp
  /** Of the characters without gaps, in upper case. */
  isValid(value: string): boolean
  /** Needed before the number, where digits alone say too little. */
  context?: RegExp
  /** Names another number of the same shape. */
  unless?: RegExp
}

const letter23 = 'TRWAGMYFPDXBNJZSQVHLCKE'

function isDate(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(year, month - 1, day))
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day && year >= 1880 && year <= 2100
}

/** Remainder by 11 where the sum is multiplied by ten and 10 counts as 0, as Brazil has it. */
const brazil = (digits: string, count: number): boolean => {
  const weights = Array.from({ length: count }, (_, i) => count + 1 - i)
  return ((weighted(digits, weights) * 10) % 11) % 10 === Number(digits[count])
}

const oddValues: Record<string, number> = Object.fromEntries(
  [1, 0, 5, 7, 9, 13, 15, 17, 19, 21].flatMap((value, i) => [
    [String(i), value],
    [String.fromCharCode(65 + i), value],
  ]),
)
for (const [i, value] of [2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23].entries())
  oddValues[String.fromCharCode(75 + i)] = value

/** Codice fiscale: odd places by a table, even places by their rank, remainder by 26. */
function isCodiceFiscale(value: string): boolean {
  let sum = 0
  for (let i = 0; i < 15; i++) {
    const character = value[i]!
    sum += i % 2 === 0 ? oddValues[character]! : /\d/.test(character) ? Number(character) : character.charCodeAt(0) - 65
  }
  return String.fromCharCode(65 + (sum % 26)) === value[15]
}

const identifiers: Identifier[] = [
  {
    note: 'United States, social security',
    pattern: /(?<![\w.-])(?!000|666|9\d{2})\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-])/g,
    isValid: () => true,
    unless:
      /(?:part|order|item|model|serial|invoice|ticket|case|reference|product|catalogue?)(?: (?:no\.?|number|id))?[: #]{0,3}$/i,
  },
  {
    note: 'United States, social security',
    pattern: /(?<![\w.-])(?!000|666|9\d{2})\d{3}[ .]?(?!00)\d{2}[ .]?(?!0000)\d{4}(?![\w-])/g,
    isValid: () => true,
    context: /(?:\bssn\b|social security)[^\d\n]{0,30}$/i,
  },
  {
    note: 'United Kingdom, national insurance',
    pattern: /(?<!\w)(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D](?!\w)/g,
    isValid: () => true,
  },
  {
    note: 'United Kingdom, NHS',
    pattern: /(?<![\w.-])\d{3}[ -]?\d{3}[ -]?\d{4}(?![\w-])/g,
    isValid: (value) => (11 - (weighted(value, [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11)) % 11 === Number(value[9]),
    context: /\bnhs\b[^\d\n]{0,30}$/i,
  },
  {
    note: 'Spain, DNI or NIE',
    pattern: /(?<![\w-])(?:\d{8}|[XYZ]-?\d{7})-?[A-HJ-NP-TV-Z](?!\w)/g,
    isValid: (value) =>
      letter23[Number(value.slice(0, -1).replace(/^[XYZ]/, (c) => String('XYZ'.indexOf(c)))) % 23] === value.at(-1),
  },
  {
    note: 'France, social security',
    pattern: /(?<![\w.-])[12] ?\d{2} ?(?:0[1-9]|1[0-2]|[2-9]\d) ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}(?![\w-])/g,
    isValid(value) {
      const digits = value.replace('2A', '19').replace('2B', '18')
      return 97 - mod97(digits.slice(0, 13)) === Number(digits.slice(13))
    },
  },
  {
    note: 'Italy, codice fiscale',
    pattern: /(?<!\w)[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z](?!\w)/gi,
    isValid: isCodiceFiscale,
  },
  {
    note: 'Brazil, CPF',
    pattern: /(?<![\w.-])\d{3}\.\d{3}\.\d{3}-\d{2}(?![\w-])/g,
    isValid: (value) => !/^(\d)\1+$/.test(value) && brazil(value, 9) && brazil(value, 10),
  },
  {
    note: 'India, Aadhaar',
    pattern: /(?<![\w.-]|\d )[2-9]\d{3} \d{4} \d{4}(?![\w-]| \d)/g,
    isValid: verhoeff,
  },
  {
    note: 'China, resident identity',
    pattern: /(?<![\w.-])[1-9]\d{16}[\dX](?!\w)/gi,
    isValid(value) {
      const check = '10X98765432'[weighted(value, [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]) % 11]
      const date = [value.slice(6, 10), value.slice(10, 12), value.slice(12, 14)].map(Number) as [
        number,
        number,
        number,
      ]
      return check === value.at(-1) && isDate(...date)
    },
  },
  {
    note: 'Canada, social insurance',
    pattern: /(?<![\w.-])[1-79]\d{2}[ -]?\d{3}[ -]?\d{3}(?![\w-])/g,
    isValid: luhn,
    context: /(?:\bsin\b|social insurance)[^\d\n]{0,30}$/i,
  },
  {
    note: 'Germany, tax number',
    pattern: /(?<![\w.-])[1-9]\d(?: ?\d{3}){3}(?![\w-])/g,
    isValid: mod11by10,
    context: /(?:steuer-?\s?id|steuerliche identifikationsnummer|identifikationsnummer|\bidnr|tax id)[^\d\n]{0,30}$/i,
  },
  {
    note: 'Poland, PESEL',
    pattern: /(?<![\w.-])\d{11}(?![\w-])/g,
    isValid: (value) => (weighted(value, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) + Number(value[10])) % 10 === 0,
    context: /pesel[^\d\n]{0,30}$/i,
  },
  {
    note: 'Netherlands, BSN',
    pattern: /(?<![\w.-])\d{9}(?![\w-])/g,
    isValid: (value) => (weighted(value, [9, 8, 7, 6, 5, 4, 3, 2]) - Number(value[8])) % 11 === 0,
    context: /(?:\bbsn\b|burgerservicenummer|sofinummer)[^\d\n]{0,30}$/i,
  },
]

export const nationalId: Checker = {
  name: 'national_id',
  title: 'Identity, tax and insurance numbers',
  check: (text) =>
    identifiers
      .flatMap(({ note, pattern, isValid, context, unless }) =>
        scan(text, pattern, (match, at) => {
          if ((context && !follows(text, at, context)) || (unless && follows(text, at, unless))) return undefined
          return isValid(match.replace(/[ .-]/g, '').toUpperCase()) ? { kind: 'national_id', note } : undefined
        }),
      )
      .sort((a, b) => a.start - b.start),
}

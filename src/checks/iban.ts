/** International bank account numbers (ISO 13616): country, its length, and remainder 1 by 97. */
import { mod97 } from './checksum.ts'
import type { Checker } from './finding.ts'
import { scan } from './scan.ts'

/** Lengths by country, from the SWIFT registry. */
const lengths: Record<number, string> = {
  15: 'NO',
  16: 'BE',
  18: 'DK FI FO GL NL SD FK',
  19: 'MK SI',
  20: 'AT BA EE KZ LT LU XK MN',
  21: 'CH HR LI LV',
  22: 'BG BH CR DE GB GE IE ME RS',
  23: 'AE GI IL IQ OM SO TL',
  24: 'AD CZ ES MD PK RO SA SE SK TN VG DZ',
  25: 'LY PT ST',
  26: 'IS TR',
  27: 'BI DJ FR GR IT MC MR SM',
  28: 'AL AZ BY CY DO GT HU LB NI PL SV',
  29: 'BR EG PS QA UA',
  30: 'JO KW MU YE',
  31: 'MT SC',
  32: 'LC',
  33: 'RU',
}
const lengthOf = new Map(
  Object.entries(lengths).flatMap(([length, countries]) =>
    countries.split(' ').map((country) => [country, Number(length)]),
  ),
)

/** Only the beginning: how far the number goes, the country says. */
const beginning = /(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?=[ -]?[A-Za-z0-9]{4})/g

/** The characters of the number from `at`, passing over single gaps; undefined where the text ends too early. */
function take(text: string, at: number, count: number): { value: string; end: number } | undefined {
  let value = ''
  let end = at
  while (value.length < count) {
    const character = text[end]
    if (character === undefined) return undefined
    if (/[A-Za-z0-9]/.test(character)) value += character.toUpperCase()
    else if (!/[ -]/.test(character) || /[ -]/.test(text[end - 1]!)) return undefined
    end += 1
  }
  return /[A-Za-z0-9]/.test(text[end] ?? '') ? undefined : { value, end }
}

export const iban: Checker = {
  name: 'iban',
  title: 'Bank accounts (IBAN)',
  check(text) {
    const starts = scan(text, beginning, (match) =>
      lengthOf.has(match.slice(0, 2).toUpperCase()) ? { kind: 'iban' } : undefined,
    )
    return starts.flatMap(({ start }) => {
      const country = text.slice(start, start + 2).toUpperCase()
      const taken = take(text, start, lengthOf.get(country) as number)
      if (!taken || mod97(taken.value.slice(4) + taken.value.slice(0, 4)) !== 1) return []
      return [{ kind: 'iban', start, end: taken.end, note: country }]
    })
  },
}

/** Telephone numbers: international ones by country code, North American ones by their plan, others by shape or context. */
import type { Checker, Finding } from './finding.ts'
import { follows, scan } from './scan.ts'

/** Country calling codes (ITU-T E.164). */
const countryCode =
  /^(?:1|7|2(?:0|7|1[1-368]|[2-4]\d|5[0-8]|6\d|9[0179])|3(?:[0-469]|5\d|7[0-8]|8[0-35-79])|4(?:[013-9]|2[0134])|5(?:[1-8]|0\d|9\d)|6(?:[0-6]|7\d|8[0-35-9]|9[0-2])|8(?:[1246]|5[0235-6]|8[0-36])|9(?:[0-58]|6[0-8]|7[0-79]|9[2-689]))/

const international = /(?:(?<![\w+])\+|(?<![\w+]|\d[ -])00)(?=[1-9])(?:[ .()/-]{0,2}\d){8,15}(?![\d])/g
const american =
  /(?<![\w.+-]|\d[ (])(?:1[ .-]{1,2})?(?:\([2-9]\d{2}\) {0,2}|[2-9]\d{2}[ .-])[2-9]\d{2}[ .-]\d{4}(?![\w-]|\.\d)/g
/** A trunk zero, then groups. */
const national = /(?<![\w.,+-]|\d[ /-])\(?0[1-9]\d{0,4}\)?(?:[ ./-]{1,3}\d{2,8}){1,5}(?![\w]|[.,/-]\d| \d)/g
const bare = /(?<![\w.,+/-])0?[1-9]\d{6,10}(?![\w]|[.,/-]\d)/g

const context =
  /(?:phone|\btel\b|telephone|telefon|t[ée]l[ée]phone|tel[ée]fono|\bcall\b|\bcalled\b|\bring\b|\bdial\b|\bmobile|\bcell|handy|m[óo]vil|portable|whats ?app|\bsms\b|\btext(?:ed)?\b|\bfax\b|reach (?:me|him|her|us)|hotline|number is|\bnum[ée]ro|(?:ruf|\b)nummer)[^\d\n]{0,30}$/i

/** Area code and exchange of the North American plan: neither may be N11. */
function isAmerican(digits: string): boolean {
  const [, area, exchange] = /^1?(\d{3})(\d{3})\d{4}$/.exec(digits) ?? []
  return area !== undefined && exchange !== undefined && ![area, exchange].some((code) => code.endsWith('11'))
}

/** ISBNs begin with a zero and have gaps too; so do dates. */
const isOther = (text: string, match: string, at: number): boolean =>
  follows(text, at, /isbn(?:-1[03])?:?\s*$/i) || /^\d{2}([./-])\d{2}\1(?:\d{2}|\d{4})$/.test(match)

export const phone: Checker = {
  name: 'phone',
  title: 'Telephone numbers',
  check(text) {
    const digitsOf = (match: string) => match.replace(/\D/g, '')
    const found: Finding[] = [
      ...scan(text, international, (match) => {
        const digits = digitsOf(match).replace(/^00/, '')
        if (match.startsWith('00') && !/[ .()/-]/.test(match)) return undefined
        if (!countryCode.test(digits) || digits.length < 8 || digits.length > 15) return undefined
        return digits.startsWith('1') && !isAmerican(digits) ? undefined : { kind: 'phone', note: 'international' }
      }),
      ...scan(text, american, (match) =>
        isAmerican(digitsOf(match)) ? { kind: 'phone', note: 'North America' } : undefined,
      ),
      ...scan(text, national, (match, at) => {
        const { length } = digitsOf(match)
        return length >= 9 && length <= 12 && !isOther(text, match, at) ? { kind: 'phone' } : undefined
      }),
      ...scan(text, bare, (_, at) => (follows(text, at, context) ? { kind: 'phone' } : undefined)),
    ]
    return withoutOverlap(found)
  },
}

/** The longest of findings that overlap. */
function withoutOverlap(findings: Finding[]): Finding[] {
  const kept: Finding[] = []
  for (const finding of findings.sort((a, b) => a.start - b.start || b.end - a.end)) {
    const last = kept.at(-1)
    if (last && finding.start < last.end) continue
    kept.push(finding)
  }
  return kept
}

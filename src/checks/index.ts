/** Every checker of text, one line each. */
import { birthdate } from './birthdate.ts'
import { card } from './card.ts'
import { email } from './email.ts'
import type { Checker, Finding } from './finding.ts'
import { iban } from './iban.ts'
import { ip } from './ip.ts'
import { nationalId } from './national-id.ts'
import { phone } from './phone.ts'
import { refusal } from './refusal.ts'
import { repetition } from './repetition.ts'
import { secret } from './secret.ts'
import { url } from './url.ts'

export { CheckError } from './errors.ts'
export type { Checker, Finding } from './finding.ts'
export { guessLanguage, type LanguageGuess, languageChecker, languages } from './language.ts'
export { patternChecker } from './pattern.ts'

/** What tells of a person. The surer come first: where two findings overlap, the earlier checker's stays. */
const personal = [secret, email, iban, card, nationalId, ip, birthdate, phone]

/** All kinds of personal data in one go, without overlaps. */
export const pii: Checker = {
  name: 'pii',
  title: 'Personal data and secrets',
  check(text) {
    const kept: Finding[] = []
    for (const { check } of personal) {
      const free = unclaimed(check(text), kept)
      kept.push(...free)
      kept.sort((a, b) => a.start - b.start)
    }
    return kept
  },
}

/** Findings that overlap none of `claimed`; both in order of start. */
function unclaimed(findings: Finding[], claimed: readonly Finding[]): Finding[] {
  let next = 0
  return findings.filter(({ start, end }) => {
    while (next < claimed.length && claimed[next]!.end <= start) next += 1
    return next === claimed.length || claimed[next]!.start >= end
  })
}

/** Checkers that need no settings. `languageChecker` and `patternChecker` make further ones. */
export const checkers: readonly Checker[] = [pii, ...personal, url, repetition, refusal]

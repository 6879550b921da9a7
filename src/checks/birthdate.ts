/** Dates of birth: a date after a word that says so. Other dates are nobody's. */
import type { Checker } from './finding.ts'
import { follows, scan } from './scan.ts'

const month =
  'jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?'
const date = new RegExp(
  `(?<![\\w.-])(?:\\d{1,2}([./-])\\d{1,2}\\1(?:19|20)?\\d{2}|(?:19|20)\\d{2}-\\d{2}-\\d{2}|(?:${month})\\.? \\d{1,2}(?:st|nd|rd|th)?,? (?:19|20)\\d{2}|\\d{1,2}(?:st|nd|rd|th|\\.)? (?:of )?(?:${month})\\.?,? (?:19|20)\\d{2})(?![\\w-])`,
  'gi',
)
const words =
  /(?:\bborn(?: on| in)?|date of birth|birth ?date|birthday(?: is)?|\bd\.?o\.?b\b\.?|geboren(?: am)?|geburtsdatum|n[ée]e? le|date de naissance|fecha de nacimiento|naci[óo](?: el)?)[^\d\n]{0,16}$/i

export const birthdate: Checker = {
  name: 'birthdate',
  title: 'Dates of birth',
  check: (text) => scan(text, date, (_, at) => (follows(text, at, words) ? { kind: 'birthdate' } : undefined)),
}

/** Keys and passwords that give access: by the prefixes that their issuers made for being found. */
import type { Checker } from './finding.ts'
import { scan } from './scan.ts'

const secrets: [note: string, pattern: RegExp][] = [
  ['AWS key', /(?<!\w)(?:AKIA|ASIA)[A-Z0-9]{16}(?!\w)/g],
  ['GitHub token', /(?<!\w)(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60,90})(?!\w)/g],
  ['Slack token', /(?<!\w)xox[abprs]-[A-Za-z0-9-]{10,80}/g],
  ['Google key', /(?<!\w)AIza[A-Za-z0-9_-]{35}(?![\w-])/g],
  ['Stripe key', /(?<!\w)[rs]k_live_[A-Za-z0-9]{16,64}(?!\w)/g],
  ['API key', /(?<!\w)sk-(?:[a-z]{2,8}-){0,2}[A-Za-z0-9_-]{20,160}(?![\w-])/g],
  ['Hugging Face token', /(?<!\w)hf_[A-Za-z]{34}(?!\w)/g],
  ['JSON web token', /(?<![\w-])eyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{10,2000}\.[A-Za-z0-9_-]{10,2000}/g],
  ['private key', /-----BEGIN (?:[A-Z]{2,10} ){0,2}PRIVATE KEY-----/g],
  ['password in an address', /(?<=[a-z]:\/\/)[^\s/:@]{1,100}:[^\s/@]{1,100}(?=@)/gi],
  [
    'password',
    /(?<=\b(?:password|passwort|passwd|pwd|contraseña)(?: is|:|=| ist| es) {0,2}["'`]?)(?=\S{0,40}\d)(?=\S{0,40}[A-Za-z])[^\s"'`<>]{6,40}/gi,
  ],
]

export const secret: Checker = {
  name: 'secret',
  title: 'Keys and passwords',
  check: (text) =>
    secrets
      .flatMap(([note, pattern]) => scan(text, pattern, () => ({ kind: 'secret', note })))
      .sort((a, b) => a.start - b.start),
}

/** E-mail addresses, plain or with a bracketed "at". */
import type { Checker, Finding } from './finding.ts'
import { scan } from './scan.ts'

/** Without = & ? although RFC 5321 allows them: in text they belong to a web address, as in user=name@host. */
const localCharacter = /[\p{L}\p{N}.!#$%'*+/^_`{|}~-]/u
const domain = /(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.){1,8}(?:xn--[a-z0-9-]{2,20}|\p{L}{2,24})/uy
/** "logo@2x.png" is a file. */
const fileEnding = /\.(?:png|jpe?g|gif|svg|webp|css|js|ts|md|txt)$/i

/** From each @ outwards: at most 64 characters to the left, as RFC 5321 allows, and a domain to the right. */
function plain(text: string): Finding[] {
  const findings: Finding[] = []
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    domain.lastIndex = at + 1
    const host = domain.exec(text)
    if (!host || fileEnding.test(host[0])) continue
    let start = at
    while (start > 0 && at - start < 64 && localCharacter.test(text[start - 1]!)) start -= 1
    // Punctuation before an address belongs to the sentence.
    while (start < at && /[^\p{L}\p{N}_+]/u.test(text[start]!)) start += 1
    const local = text.slice(start, at)
    if (local === '' || local.endsWith('.') || local.includes('..')) continue
    const end = domain.lastIndex
    // user:password@host is an address of a machine, and so is git@host:path.
    if (
      /:\/\/[^\s/]{0,100}$/.test(text.slice(Math.max(0, start - 104), start)) ||
      /^:[\w~/]/.test(text.slice(end, end + 2))
    )
      continue
    findings.push({ kind: 'email', start, end })
  }
  return findings
}

const bracketed =
  /(?<![\w.+-])[\w.+-]{1,64} {0,2}[([{] {0,1}at {0,1}[)\]}] {0,2}[\w-]{1,63}(?: {0,2}(?:\.|[([{] {0,1}(?:dot|\.) {0,1}[)\]}]| dot ) {0,2}[\w-]{2,63}){1,4}/gi

export const email: Checker = {
  name: 'email',
  title: 'E-mail addresses',
  check: (text) =>
    [...plain(text), ...scan(text, bracketed, () => ({ kind: 'email', note: 'obfuscated' }))].sort(
      (a, b) => a.start - b.start,
    ),
}

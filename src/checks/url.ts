/** Web addresses: with a scheme, or `www.` and a name that ends in letters. Punctuation of the sentence is left out. */
import type { Checker } from './finding.ts'
import { scan } from './scan.ts'

const address =
  /(?<![\w@])(?:(?:https?|ftp):\/\/[^\s<>"'`{}|\\^]{1,2048}|www\.(?:[\p{L}\p{N}-]{1,63}\.){1,6}\p{L}{2,24}(?:[/?#][^\s<>"'`{}|\\^]{0,2048})?)/giu

/** A closing bracket belongs to the address only if it was opened in it, as in Wikipedia's. */
function trimmed(match: string): string {
  let end = match.length
  const opened = { ')': 0, ']': 0 }
  for (const character of match) {
    if (character === '(') opened[')'] += 1
    if (character === '[') opened[']'] += 1
    if (character === ')' || character === ']') opened[character] -= 1
  }
  for (; end > 0; end--) {
    const last = match[end - 1]!
    if ((last === ')' || last === ']') && opened[last] < 0) opened[last] += 1
    else if (!/[.,;:!?*_…。，）]/.test(last)) break
  }
  return match.slice(0, end)
}

export const url: Checker = {
  name: 'url',
  title: 'Web addresses',
  check: (text) =>
    scan(text, address, () => ({ kind: 'url' })).flatMap((finding) => {
      const match = trimmed(text.slice(finding.start, finding.end))
      return /^(?:https?|ftp):\/\/$/i.test(match) ? [] : [{ ...finding, end: finding.start + match.length }]
    }),
}

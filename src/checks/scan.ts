/** Goes over candidates of a bounded pattern. */
import type { Finding } from './finding.ts'

/**
 * Every match that `judge` accepts. The pattern must be global and may use bounded repetitions only: a `+` over what can
 * fail afterwards is quadratic on a text made for it. A rejected candidate is not skipped: the next may begin inside it.
 */
export function scan(
  text: string,
  pattern: RegExp,
  judge: (match: string, at: number) => Pick<Finding, 'kind' | 'note'> | undefined,
): Finding[] {
  const findings: Finding[] = []
  pattern.lastIndex = 0
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    const verdict = judge(match[0], match.index)
    if (verdict) findings.push({ ...verdict, start: match.index, end: match.index + match[0].length })
    else pattern.lastIndex = match.index + 1
  }
  return findings
}

/** Whether one of the words stands in the 40 characters before: numbers without a shape of their own need one. */
export const follows = (text: string, at: number, words: RegExp): boolean =>
  words.test(text.slice(Math.max(0, at - 40), at))

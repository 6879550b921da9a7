/** What two texts share at their beginning, so that it is shown once above them. Pure. */

/** Where the shared beginning may end: after a word, or after a whole block of Markdown, so that both parts still render. */
type Boundary = 'word' | 'block'

/**
 * UTF-16 length of the longest common beginning that ends at a boundary in both texts (the end of a text is one).
 * `commonStart('Mend the chain.', 'Mend the chainring.')` is 9: the words differ although their letters agree.
 */
export function commonStart(a: string, b: string, boundary: Boundary = 'word'): number {
  const limit = Math.min(a.length, b.length)
  let shared = 0
  while (shared < limit && a.charCodeAt(shared) === b.charCodeAt(shared)) shared++
  if (shared === a.length && shared === b.length) return shared
  return boundary === 'block' ? blockEnd(a, b, shared) : wordEnd(a, b, shared)
}

function wordEnd(a: string, b: string, shared: number): number {
  for (let at = shared; at > 0; at--) {
    // A mark that combines with the space before it belongs to what it stands on.
    if (continues(a, at) || continues(b, at)) continue
    if (/\s/.test(a[at - 1]!) || (starts(a, at) && starts(b, at))) return at
  }
  return 0
}
const starts = (text: string, at: number) => at === text.length || /\s/.test(text[at]!)
const continues = (text: string, at: number) => /^(?:\p{M}|\u200d)/u.test(text.slice(at, at + 1))

/** After the last blank line that stands outside a fenced block; or the whole of the shorter text where the longer goes on so. */
function blockEnd(a: string, b: string, shared: number): number {
  const breaks = (text: string, at: number) => at === text.length || /^\n\s*\n/.test(text.slice(at))
  let fence = ''
  let end = 0
  let at = 0
  for (const line of a.slice(0, shared).split('\n')) {
    const after = at + line.length
    const mark = /^\s*(`{3,}|~{3,})/.exec(line)?.[1]
    if (mark && !fence) fence = mark
    else if (mark && mark[0] === fence[0] && mark.length >= fence.length) fence = ''
    // The next line must not go on with an indented part of this block.
    if (!fence && line.trim() && after <= shared && breaks(a, after) && breaks(b, after)) {
      const next = (text: string) => /^\n\s*\n([ \t]*)/.exec(text.slice(after))?.[1] ?? ''
      if (!next(a) && !next(b)) end = after
    }
    at = after + 1
  }
  return end
}

/** Cuts two texts at their common beginning; `start` is empty where less than `least` UTF-16 units are shared. */
export function splitCommonStart(
  a: string,
  b: string,
  { boundary = 'word', least = 1 }: { boundary?: Boundary; least?: number } = {},
): { start: string; a: string; b: string } {
  const length = commonStart(a, b, boundary)
  if (length < least) return { start: '', a, b }
  return { start: a.slice(0, length), a: a.slice(length), b: b.slice(length) }
}

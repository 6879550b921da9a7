/** Where two texts differ, word by word in any script. Pure. */
import { diffArrays } from 'diff'

export interface DiffPart {
  kind: 'same' | 'removed' | 'added'
  text: string
}

const words = new Intl.Segmenter('und', { granularity: 'word' })
const wordsOf = (text: string) => Array.from(words.segment(text), ({ segment }) => segment)

/** Beyond this many changed words the search costs seconds; the middle is then shown as replaced whole. */
const mostEdits = 2000

/**
 * Parts in reading order: `same` and `removed` join to the first text, `same` and `added` to the second. A lone space
 * between two changes is drawn into them, so that a rewritten phrase reads as one change.
 */
export function wordDiff(before: string, after: string): DiffPart[] {
  if (before === after) return before ? [{ kind: 'same', text: before }] : []
  const a = wordsOf(before)
  const b = wordsOf(after)
  const shortest = Math.min(a.length, b.length)
  let head = 0
  while (head < shortest && a[head] === b[head]) head++
  let tail = 0
  while (tail < shortest - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++
  const middleA = a.slice(head, a.length - tail)
  const middleB = b.slice(head, b.length - tail)
  const changes = diffArrays(middleA, middleB, { maxEditLength: mostEdits })
  const middle: DiffPart[] = changes
    ? changes.map(({ added, removed, value }) => ({
        kind: added ? 'added' : removed ? 'removed' : 'same',
        text: value.join(''),
      }))
    : [
        { kind: 'removed', text: middleA.join('') },
        { kind: 'added', text: middleB.join('') },
      ]
  return joined([
    { kind: 'same', text: a.slice(0, head).join('') },
    ...middle,
    { kind: 'same', text: a.slice(a.length - tail).join('') },
  ])
}

/**
 * Draws lone spaces between changes into them, puts within a change what was removed before what was added, and leaves
 * out of a change the white space that both sides begin or end with.
 */
function joined(parts: readonly DiffPart[]): DiffPart[] {
  const out: DiffPart[] = []
  const change = { removed: '', added: '' }
  const push = (kind: DiffPart['kind'], text: string) => {
    if (!text) return
    const last = out.at(-1)
    if (kind === 'same' && last?.kind === 'same') last.text += text
    else out.push({ kind, text })
  }
  const flush = () => {
    const { removed, added } = change
    const head = sharedSpace(removed, added, (text, at) => text[at])
    const tail = sharedSpace(removed.slice(head), added.slice(head), (text, at) => text[text.length - 1 - at])
    push('same', removed.slice(0, head))
    push('removed', removed.slice(head, removed.length - tail))
    push('added', added.slice(head, added.length - tail))
    push('same', removed.slice(removed.length - tail))
    change.removed = ''
    change.added = ''
  }
  parts.forEach(({ kind, text }, index) => {
    const next = parts[index + 1]
    if (kind !== 'same') change[kind] += text
    else if ((change.removed || change.added) && next && next.kind !== 'same' && /^[^\S\n]+$/.test(text)) {
      change.removed += text
      change.added += text
    } else if (text) {
      flush()
      push('same', text)
    }
  })
  flush()
  return out
}

function sharedSpace(a: string, b: string, from: (text: string, at: number) => string | undefined): number {
  let shared = 0
  while (shared < Math.min(a.length, b.length) && from(a, shared) === from(b, shared) && /\s/.test(from(a, shared)!))
    shared++
  return shared
}

/** UTF-16 ranges of the words of each text that the other lacks. */
export function differences(
  a: string,
  b: string,
): { a: [from: number, to: number][]; b: [from: number, to: number][] } {
  const ranges = { a: [] as [number, number][], b: [] as [number, number][] }
  let atA = 0
  let atB = 0
  for (const { kind, text } of wordDiff(a, b)) {
    if (kind === 'removed') ranges.a.push([atA, atA + text.length])
    if (kind === 'added') ranges.b.push([atB, atB + text.length])
    if (kind !== 'added') atA += text.length
    if (kind !== 'removed') atB += text.length
  }
  return ranges
}

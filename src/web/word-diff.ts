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

/** Draws spaces between changes into them and puts, within a change, what was removed before what was added. */
function joined(parts: readonly DiffPart[]): DiffPart[] {
  const out: DiffPart[] = []
  let removed = ''
  let added = ''
  const flush = () => {
    if (removed) out.push({ kind: 'removed', text: removed })
    if (added) out.push({ kind: 'added', text: added })
    removed = ''
    added = ''
  }
  parts.forEach(({ kind, text }, index) => {
    if (!text) return
    const inChange = (removed || added) && parts[index + 1] && parts[index + 1]!.kind !== 'same'
    if (kind === 'removed') removed += text
    else if (kind === 'added') added += text
    else if (inChange && /^[^\S\n]+$/.test(text)) {
      removed += text
      added += text
    } else {
      flush()
      const last = out.at(-1)
      if (last?.kind === 'same') last.text += text
      else out.push({ kind: 'same', text })
    }
  })
  flush()
  return out
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

/** Shows where two texts differ: in one text, beside each other, while editing, or marked over rendered Markdown. */
import { Button, Group, Text, Textarea } from '@mantine/core'
import { type RefObject, useDeferredValue, useEffect, useId, useMemo } from 'react'
import classes from './diff.module.css'
import { type DiffPart, differences, wordDiff } from './word-diff.ts'

const Part = ({ kind, text }: DiffPart) =>
  kind === 'added' ? <ins>{text}</ins> : kind === 'removed' ? <del>{text}</del> : <span>{text}</span>

// The place in the text is what identifies a part.
const keyed = (parts: readonly DiffPart[]) => {
  let at = 0
  return parts.map((part) => {
    const key = `${part.kind} ${at}`
    at += part.text.length
    return { key, part }
  })
}

/** Both texts in one: removed words struck out, added ones underlined. `<WordDiff before={original} after={edited} />` */
export function WordDiff({ before, after }: { before: string; after: string }) {
  const parts = useMemo(() => keyed(wordDiff(before, after)), [before, after])
  return (
    <div className={classes.text} dir="auto">
      {parts.map(({ key, part }) => (
        <Part key={key} {...part} />
      ))}
    </div>
  )
}

/** One of two texts with the words that the other lacks marked; for two panes beside each other, as raw text. */
export function SideDiff({ text, against }: { text: string; against: string }) {
  const parts = useMemo(() => keyed(wordDiff(against, text).filter((part) => part.kind !== 'removed')), [text, against])
  return (
    <div className={classes.text} dir="auto">
      {parts.map(({ key, part }) =>
        part.kind === 'added' ? <mark key={key}>{part.text}</mark> : <span key={key}>{part.text}</span>,
      )}
    </div>
  )
}

interface EditWithDiffProps {
  original: string
  value: string
  onChange: (value: string) => void
  label: string
}

/** A field to edit a response in, with what was changed so far under it. */
export function EditWithDiff({ original, value, onChange, label }: EditWithDiffProps) {
  // Typing must not wait for the comparison of a long text.
  const shown = useDeferredValue(value)
  const heading = useId()
  return (
    <div>
      <Textarea
        label={label}
        autosize
        minRows={4}
        maxRows={20}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      <Group justify="space-between" mt="sm" mb={4}>
        <Text size="sm" fw={600} id={heading}>
          Changes
        </Text>
        <Button size="compact-xs" variant="default" disabled={value === original} onClick={() => onChange(original)}>
          Back to the original
        </Button>
      </Group>
      <section aria-labelledby={heading} className={classes.live}>
        {shown === original ? (
          <Text size="sm" c="dimmed">
            Nothing is changed yet.
          </Text>
        ) : (
          <WordDiff before={original} after={shown} />
        )}
      </section>
    </div>
  )
}

/** Text nodes below an element with the place at which each begins in the joined text. */
function textNodes(element: Element): { nodes: { node: Text; from: number }[]; text: string } {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT)
  const nodes: { node: Text; from: number }[] = []
  let text = ''
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.parentElement?.closest('[aria-hidden="true"]')) continue
    nodes.push({ node: node as Text, from: text.length })
    text += node.nodeValue ?? ''
  }
  return { nodes, text }
}

function rangesOf({ nodes }: ReturnType<typeof textNodes>, places: readonly [number, number][]): Range[] {
  return places.flatMap(([from, to]) =>
    nodes
      .filter(({ node, from: start }) => start < to && start + node.length > from)
      .map(({ node, from: start }) => {
        const range = new Range()
        range.setStart(node, Math.max(0, from - start))
        range.setEnd(node, Math.min(node.length, to - start))
        return range
      }),
  )
}

/**
 * Marks where two rendered texts differ, without touching them: `useMarkedDifferences(left, right, on)`. Follows what is
 * loaded late (formulas, highlighting). Browsers without the Custom Highlight API show no marks: offer `SideDiff` there.
 */
export function useMarkedDifferences(
  left: RefObject<Element | null>,
  right: RefObject<Element | null>,
  on: boolean,
): void {
  useEffect(() => {
    const [a, b] = [left.current, right.current]
    if (!on || !a || !b || !('highlights' in CSS)) return
    const mark = () => {
      const [textA, textB] = [textNodes(a), textNodes(b)]
      const places = differences(textA.text, textB.text)
      CSS.highlights.set('differs', new Highlight(...rangesOf(textA, places.a), ...rangesOf(textB, places.b)))
    }
    mark()
    const observer = new MutationObserver(mark)
    for (const element of [a, b]) observer.observe(element, { childList: true, characterData: true, subtree: true })
    return () => {
      observer.disconnect()
      CSS.highlights.delete('differs')
    }
  }, [left, right, on])
}

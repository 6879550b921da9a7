/** Marks passages of a text, by mouse or by keyboard alone; overlapping spans stay told apart. */
import { Box, Button, CloseButton, Group, Text } from '@mantine/core'
import { type KeyboardEvent, type ReactNode, type RefObject, useEffect, useId, useMemo, useRef, useState } from 'react'
import { piecesOf, type Span, sliceCodePoints, toCodePoints, toUnits, wholeCharacters } from './code-points.ts'
import { KeyHint, useKeys } from './keys.tsx'
import { plural } from './numbers.ts'
import classes from './span-marker.module.css'

export type { Span } from './code-points.ts'

interface SpanMarkerProps {
  text: string
  label: string
  spans: readonly Span[]
  /** Called with code point places, the end exclusive; without it the text is only shown. */
  onMark?: (start: number, end: number) => void
  onRemove?: (id: string) => void
  /** What stands behind a span in the list: its type, a choice of severity. */
  detail?: (span: Span) => ReactNode
  /** The key that marks; two markers on one page need two. */
  markKey?: string
}

const tones = 3

interface Selected {
  from: number
  to: number
}

/** UTF-16 place of a point of the document within the text of an element. */
function placeIn(element: Element, node: Node, offset: number): number {
  const range = document.createRange()
  range.selectNodeContents(element)
  range.setEnd(node, offset)
  return range.toString().length
}

/** The person's selection inside an element, widened to whole characters. */
function useSelected(text: string, element: RefObject<HTMLElement | null>): Selected | undefined {
  const [selected, setSelected] = useState<Selected>()
  useEffect(() => {
    const onSelect = () => {
      const selection = document.getSelection()
      const inside = element.current
      if (!selection?.rangeCount || !inside?.contains(selection.anchorNode) || !inside.contains(selection.focusNode)) {
        setSelected(undefined)
        return
      }
      const range = selection.getRangeAt(0)
      const from = placeIn(inside, range.startContainer, range.startOffset)
      const to = placeIn(inside, range.endContainer, range.endOffset)
      const whole = wholeCharacters(text, from, to)
      setSelected((old) => (old?.from === whole?.from && old?.to === whole?.to ? old : whole))
    }
    document.addEventListener('selectionchange', onSelect)
    return () => document.removeEventListener('selectionchange', onSelect)
  }, [text, element])
  return selected
}

const moves: Record<string, [direction: 'forward' | 'backward', granularity: string]> = {
  ArrowRight: ['forward', 'character'],
  ArrowLeft: ['backward', 'character'],
  ArrowDown: ['forward', 'line'],
  ArrowUp: ['backward', 'line'],
  Home: ['backward', 'lineboundary'],
  End: ['forward', 'lineboundary'],
}

/** Moves the selection as an editor would: arrows by character and line, with Ctrl or Alt by word, with Shift extending. */
function moveSelection(event: KeyboardEvent<HTMLElement>): void {
  const move = moves[event.key]
  const selection = document.getSelection()
  if (!move || !selection) return
  event.preventDefault()
  const text = event.currentTarget
  if (!selection.rangeCount || !text.contains(selection.focusNode)) selection.collapse(text, 0)
  const byWord = (event.ctrlKey || event.altKey || event.metaKey) && move[1] === 'character'
  const before: [Node | null, number] = [selection.focusNode, selection.focusOffset]
  const anchor: [Node | null, number] = [selection.anchorNode, selection.anchorOffset]
  selection.modify(event.shiftKey ? 'extend' : 'move', move[0], byWord ? 'word' : move[1])
  if (text.contains(selection.focusNode)) return
  // At an end of the text: stay there.
  if (event.shiftKey) selection.setBaseAndExtent(anchor[0]!, anchor[1], before[0]!, before[1])
  else selection.collapse(before[0], before[1])
}

/** A caret where the next selection begins: browsers draw none outside fields. */
function useCaret(element: RefObject<HTMLElement | null>, caret: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const draw = () => {
      const mark = caret.current
      const text = element.current
      const selection = document.getSelection()
      if (!mark || !text) return
      const inside = selection?.focusNode && document.activeElement === text && text.contains(selection.focusNode)
      mark.hidden = !inside
      if (!inside) return
      const range = document.createRange()
      range.setStart(selection.focusNode!, selection.focusOffset)
      range.collapse(true)
      const at = range.getClientRects()[0] ?? text.getBoundingClientRect()
      const origin = text.getBoundingClientRect()
      mark.style.transform = `translate(${at.left - origin.left}px, ${at.top - origin.top}px)`
    }
    document.addEventListener('selectionchange', draw)
    document.addEventListener('focusin', draw)
    return () => {
      document.removeEventListener('selectionchange', draw)
      document.removeEventListener('focusin', draw)
    }
  }, [element, caret])
}

export function SpanMarker(props: SpanMarkerProps) {
  const { text, label, spans, onMark, onRemove, detail, markKey = 'm' } = props
  const element = useRef<HTMLDivElement>(null)
  const caret = useRef<HTMLSpanElement>(null)
  const help = useId()
  const selected = useSelected(text, element)
  useCaret(element, caret)
  const pieces = useMemo(() => piecesOf(text, spans), [text, spans])
  const order = new Map(spans.map((span, index) => [span.id, index]))

  const mark = () => {
    if (!selected || !onMark) return
    onMark(toCodePoints(text, selected.from), toCodePoints(text, selected.to))
    document.getSelection()?.collapseToEnd()
  }
  useKeys(onMark ? [{ key: markKey, label: 'Mark the selected passage', run: mark }] : [], label)

  const select = (span: Span) => {
    element.current?.focus()
    const from = pointAt(element.current!, toUnits(text, span.start))
    const to = pointAt(element.current!, toUnits(text, span.end))
    document.getSelection()?.setBaseAndExtent(...from, ...to)
  }

  let at = 0
  return (
    <section aria-label={label}>
      <div className={classes.frame}>
        {/* A <textarea> would be a read-only field by nature, but cannot show what is marked. */}
        <Box
          ref={element}
          className={classes.text}
          role="textbox"
          aria-readonly="true"
          aria-multiline="true"
          tabIndex={0}
          aria-label={label}
          aria-describedby={onMark ? help : undefined}
          dir="auto"
          onKeyDown={moveSelection}
        >
          {pieces.map((piece) => {
            const key = at
            at += piece.text.length
            if (!piece.spans.length) return piece.text
            return (
              <mark
                key={key}
                className={classes.mark}
                style={{
                  boxShadow: piece.spans
                    .slice(0, 4)
                    .map((id, row) => underline(order.get(id)!, row))
                    .join(', '),
                }}
                data-depth={Math.min(3, piece.spans.length)}
                title={piece.spans.map((id) => spans[order.get(id)!]!.label ?? `Span ${order.get(id)! + 1}`).join(', ')}
              >
                {piece.text}
              </mark>
            )
          })}
        </Box>
        <span ref={caret} className={classes.caret} aria-hidden="true" hidden />
      </div>
      {onMark && (
        <Group gap="sm" mt="xs" wrap="nowrap" mih="2rem">
          <Button
            size="xs"
            variant="default"
            disabled={!selected}
            onClick={mark}
            rightSection={<KeyHint k={markKey} />}
          >
            Mark
          </Button>
          <Text size="sm" c="dimmed" id={help} role="status" truncate>
            {selected
              ? `Selected: “${text.slice(selected.from, selected.to)}”`
              : 'Select a passage by mouse, or with Shift and the arrow keys.'}
          </Text>
        </Group>
      )}
      <Spans text={text} label={label} spans={spans} onSelect={select} onRemove={onRemove} detail={detail} />
    </section>
  )
}

/** One line under the text for each span that covers it. */
const underline = (index: number, row: number) =>
  `inset 0 -${2 + 3 * row}px 0 -${row ? 1 : 0}px var(--mark-line-${(index % tones) + 1})`

/** The point of the document at a UTF-16 place of an element's text. */
function pointAt(element: Element, place: number): [Node, number] {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT)
  let left = place
  let last: Node = element
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    last = node
    const { length } = node as globalThis.Text
    if (left <= length) return [node, left]
    left -= length
  }
  return [last, last.nodeValue?.length ?? 0]
}

interface SpansProps extends Pick<SpanMarkerProps, 'text' | 'label' | 'spans' | 'onRemove' | 'detail'> {
  onSelect: (span: Span) => void
}

function Spans({ text, label, spans, onSelect, onRemove, detail }: SpansProps) {
  return (
    <>
      <Text size="sm" fw={600} mt="sm">
        {plural(spans.length, 'marked passage')}
      </Text>
      <ol className={classes.list} aria-label={`Marked passages of ${label}`}>
        {spans.map((span, index) => {
          const quote = sliceCodePoints(text, span.start, span.end)
          return (
            <li key={span.id}>
              <span className={classes.dot} data-tone={(index % tones) + 1} aria-hidden="true" />
              <button type="button" className={classes.quote} onClick={() => onSelect(span)}>
                “{quote}”
              </button>
              <Text component="span" size="sm" c="dimmed">
                {span.label} {span.start}–{span.end}
              </Text>
              {detail?.(span)}
              {onRemove && <CloseButton size="sm" aria-label={`Remove “${quote}”`} onClick={() => onRemove(span.id)} />}
            </li>
          )
        })}
      </ol>
    </>
  )
}

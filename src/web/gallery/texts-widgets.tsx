/** Widgets over texts with the state they need. */
import { Button, SimpleGrid } from '@mantine/core'
import { useRef, useState } from 'react'
import type { Span } from '../code-points.ts'
import { EditWithDiff, SideDiff, useMarkedDifferences, WordDiff } from '../diff.tsx'
import { Markdown } from '../markdown.tsx'
import { SpanMarker } from '../span-marker.tsx'
import { edited, original, passage } from './texts.ts'

export function Diffs() {
  const [value, setValue] = useState(edited)
  const [marked, setMarked] = useState(false)
  const left = useRef<HTMLDivElement>(null)
  const right = useRef<HTMLDivElement>(null)
  useMarkedDifferences(left, right, marked)
  return (
    <>
      <WordDiff before={original} after={edited} />
      <SimpleGrid cols={{ base: 1, sm: 2 }} my="md">
        <SideDiff text={original} against={edited} />
        <SideDiff text={edited} against={original} />
      </SimpleGrid>
      <Button size="xs" variant="default" onClick={() => setMarked(!marked)}>
        Mark differences
      </Button>
      <SimpleGrid cols={{ base: 1, sm: 2 }} my="md">
        <div ref={left}>
          <Markdown text={`**Answer.** ${original}`} />
        </div>
        <div ref={right}>
          <Markdown text={`**Answer.** ${edited}`} />
        </div>
      </SimpleGrid>
      <EditWithDiff label="Better response" original={original} value={value} onChange={setValue} />
    </>
  )
}

export function Spans() {
  const [spans, setSpans] = useState<Span[]>([
    { id: 'a', start: 4, end: 14, label: 'who' },
    { id: 'b', start: 9, end: 20, label: 'says' },
  ])
  return (
    <SpanMarker
      text={passage}
      label="Response"
      spans={spans}
      onMark={(start, end) => setSpans([...spans, { id: String(Date.now()), start, end }])}
      onRemove={(id) => setSpans(spans.filter((span) => span.id !== id))}
    />
  )
}

/** Shows model and user text: rendered through the safe pipeline, or raw. */
import { SegmentedControl, Text } from '@mantine/core'
import { lazy, memo, Suspense, useState } from 'react'
import classes from './markdown.module.css'
import { count } from './numbers.ts'
import { Boundary } from './states.tsx'

const Rendered = lazy(() => import('./markdown-pipeline.tsx'))

/** Above this many UTF-16 units a text is shown raw: hostile nesting costs seconds, and no response is this long. */
export const longestRendered = 100_000

const Raw = ({ text, note }: { text: string; note?: string }) => (
  <>
    {note && (
      <Text size="sm" c="dimmed" mb="xs">
        {note}
      </Text>
    )}
    <div className={classes.raw} dir="auto">
      {text}
    </div>
  </>
)

/** `<Markdown text={response.text} raw={raw} />`. What cannot be rendered is shown whole as raw text, with the reason. */
export const Markdown = memo(function Markdown({ text, raw = false }: { text: string; raw?: boolean }) {
  if (raw) return <Raw text={text} />
  if (text.length > longestRendered)
    return <Raw text={text} note={`Shown as raw text: ${count(text.length)} characters are too many to render.`} />
  return (
    <Boundary key={text} fallback={<Raw text={text} note="Shown as raw text: it could not be rendered." />}>
      <Suspense fallback={<Raw text={text} />}>
        <div className={classes.rendered} dir="auto">
          <Rendered text={text} />
        </div>
      </Suspense>
    </Boundary>
  )
})

/** A text with its own switch between rendered and raw, for places that show a single one. */
export function MarkdownWithSwitch({ text, label = 'Text' }: { text: string; label?: string }) {
  const [raw, setRaw] = useState(false)
  return (
    <div>
      <RawSwitch raw={raw} onChange={setRaw} label={label} />
      <Markdown text={text} raw={raw} />
    </div>
  )
}

/** The switch alone, for screens where one choice holds for several texts. */
export function RawSwitch({ raw, onChange, label }: { raw: boolean; onChange: (raw: boolean) => void; label: string }) {
  return (
    <SegmentedControl
      size="xs"
      mb="xs"
      aria-label={`${label} as`}
      value={raw ? 'raw' : 'rendered'}
      onChange={(value) => onChange(value === 'raw')}
      data={[
        { value: 'rendered', label: 'Rendered' },
        { value: 'raw', label: 'Raw' },
      ]}
    />
  )
}

/** Shows model and user text: rendered through the safe pipeline, or raw. */
import { Button, SegmentedControl, Text } from '@mantine/core'
import { lazy, memo, type ReactNode, Suspense, useState } from 'react'
import classes from './markdown.module.css'
import { count } from './numbers.ts'
import { Boundary } from './states.tsx'

const Rendered = lazy(() => import('./markdown-pipeline.tsx'))

/** Above this many UTF-16 units a text is first shown raw: hostile nesting then costs seconds, and few responses are so long. */
const longestRendered = 40_000

const Raw = ({ text, note, action }: { text: string; note?: string; action?: ReactNode }) => (
  <>
    {note && (
      <Text size="sm" c="dimmed" mb="xs">
        {note} {action}
      </Text>
    )}
    <div className={classes.raw} dir="auto">
      {text}
    </div>
  </>
)

/** `<Markdown text={response.text} raw={raw} />`. What cannot be rendered is shown whole as raw text, with the reason. */
export const Markdown = memo(function Markdown({ text, raw = false }: { text: string; raw?: boolean }) {
  const [anyway, setAnyway] = useState<string>()
  if (raw) return <Raw text={text} />
  if (text.length > longestRendered && anyway !== text)
    return (
      <Raw
        text={text}
        note={`Shown as raw text, because it has ${count(text.length)} characters.`}
        action={
          <Button size="compact-xs" variant="default" onClick={() => setAnyway(text)}>
            Render it
          </Button>
        }
      />
    )
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

/** Responses of equal standing: same width, no names, no hints. What two of them share at their beginning stands above. */
import { SegmentedControl, Switch, Text } from '@mantine/core'
import { useRef } from 'react'
import { splitCommonStart } from '../../web/common-start.ts'
import { SideDiff, useMarkedDifferences } from '../../web/diff.tsx'
import { useKeys } from '../../web/keys.tsx'
import { Markdown } from '../../web/markdown.tsx'
import { useRemembered } from '../../web/remembered.ts'
import { keepFocus } from './keep-focus.ts'
import classes from './screen.module.css'
import { Scroller } from './scroller.tsx'

interface ResponsesProps {
  /** Left to right. */
  texts: string[]
}

/** Fewer characters than this are not worth a place of their own. */
const leastShared = 80
const letter = (place: number) => String.fromCharCode(65 + place)
const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean'
const canMark = 'highlights' in CSS

export function Responses({ texts }: ResponsesProps) {
  // How one likes to read holds for the next task too.
  const [raw, setRaw] = useRemembered('work:raw', false, isBoolean)
  const [marked, setMarked] = useRemembered('work:differences', false, isBoolean)
  const [apart, setApart] = useRemembered('work:apart', false, isBoolean)
  const panes = useRef<HTMLDivElement>(null)
  const isPair = texts.length === 2
  const { start, a, b } = splitCommonStart(texts[0] ?? '', texts[1] ?? '', { boundary: 'block', least: leastShared })
  const rest = isPair && start ? [a, b] : texts
  const left = useRef<HTMLDivElement>(null)
  const right = useRef<HTMLDivElement>(null)
  useMarkedDifferences(left, right, isPair && marked && canMark)

  const scrollApart = (on: boolean) => {
    setApart(on)
    // Panes as high as the window are of use only when they stand in it.
    if (on) requestAnimationFrame(() => panes.current?.scrollIntoView({ block: 'end' }))
  }
  useKeys(
    [
      { key: 'r', label: raw ? 'Rendered text' : 'Raw text', run: () => setRaw(!raw) },
      ...(isPair ? [{ key: 'd', label: 'Mark where they differ', run: () => setMarked(!marked) }] : []),
      ...(texts.length > 1
        ? [{ key: 'l', label: apart ? 'Scroll together' : 'Scroll each by itself', run: () => scrollApart(!apart) }]
        : []),
    ],
    'Work',
  )
  if (!texts.length) return null
  const same = isPair && texts[0] === texts[1]

  return (
    <>
      <div className={classes.tools} ref={keepFocus}>
        {same && <Text size="sm">Both responses are the same, letter for letter.</Text>}
        <SegmentedControl
          size="xs"
          aria-label="Text as"
          value={raw ? 'raw' : 'rendered'}
          onChange={(value) => setRaw(value === 'raw')}
          data={[
            { value: 'rendered', label: 'Rendered' },
            { value: 'raw', label: 'Raw' },
          ]}
        />
        {isPair && !same && (
          <Switch
            size="xs"
            label="Differences (D)"
            checked={marked}
            onChange={(event) => setMarked(event.currentTarget.checked)}
          />
        )}
        {texts.length > 1 && (
          <Switch
            size="xs"
            className={classes.wide}
            label="Scroll apart (L)"
            checked={apart}
            onChange={(event) => scrollApart(event.currentTarget.checked)}
          />
        )}
      </div>
      {isPair && start && (
        <section aria-label="Beginning that both responses share" className={classes.shared}>
          <Text size="xs" fw={600} c="dimmed">
            Both begin so
          </Text>
          <Markdown text={start} raw={raw} />
        </section>
      )}
      <div ref={panes} className={classes.responses} data-count={texts.length}>
        {rest.map((text, place) => (
          <article
            key={letter(place)}
            data-turn
            tabIndex={-1}
            className={classes.response}
            aria-label={`Response ${letter(place)}`}
          >
            <Text className={classes.letter} aria-hidden="true">
              {letter(place)}
            </Text>
            <Scroller label={`Text of response ${letter(place)}`} className={apart ? classes.pane : undefined}>
              <div ref={place === 0 ? left : right} className={classes.text}>
                {text === '' ? (
                  <Text c="dimmed" fs="italic">
                    {start ? 'Nothing more.' : 'An empty response.'}
                  </Text>
                ) : isPair && marked && !canMark ? (
                  <SideDiff text={text} against={rest[1 - place]!} />
                ) : (
                  <Markdown text={text} raw={raw} />
                )}
              </div>
            </Scroller>
          </article>
        ))}
      </div>
    </>
  )
}

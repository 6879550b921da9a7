/** The frame of every chart: name, method, drawing, the number under the pointer or the arrow keys, and the table behind it. */
import { Box, Button, Group, Table, Text } from '@mantine/core'
import type { Plot as Drawn, PlotOptions } from '@observablehq/plot'
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import { Problem } from '../states.tsx'
import { styleNonce } from '../theme.tsx'
import classes from './chart.module.css'

/** Observable Plot, loaded when the first chart comes. */
type Plot = typeof import('@observablehq/plot')

/** The name of the x axis under its figures, where it cannot run into them. */
export const belowAxis = {
  marginBottom: 44,
  x: { labelAnchor: 'center', labelOffset: 38, labelArrow: 'none' },
} as const

/** A place that can be read: in the chart's own units, with what it says there. */
interface ChartPoint {
  x: number | string | Date
  y: number | string | Date
  /** "Ada and Grace: 0.63 [0.58, 0.68], n = 212" */
  text: string
}

interface ChartTable {
  columns: readonly string[]
  rows: readonly (readonly string[])[]
}

export interface ChartProps {
  title: string
  /** How the numbers were made, with its page in the docs. */
  method?: { name: string; href: string }
  note?: ReactNode
  /** A place on the x axis that a line marks, so that charts beside one another show the same place. */
  mark?: number
  /** Hears which point is read, by pointer or key; undefined once none is. */
  onPoint?: (point: ChartPoint | undefined) => void
}

interface FrameProps extends ChartProps {
  height: number
  legend?: readonly { label: string; color: string; dash?: string }[]
  /** Given the width in pixels; drawn again when the data or the width changes. */
  draw: (plot: Plot, width: number) => PlotOptions
  /** Everything that `draw` depends on. */
  data: unknown
  points: readonly ChartPoint[]
  table: ChartTable
}

export function Chart({ title, method, note, height, legend, draw, data, points, table, mark, onPoint }: FrameProps) {
  const [asTable, setAsTable] = useState(false)
  return (
    <figure className={classes.figure} aria-label={title}>
      <Group justify="space-between" gap="xs" wrap="nowrap" align="flex-start">
        <figcaption>
          <Text fw={600}>{title}</Text>
          {method && (
            <a className={classes.method} href={method.href}>
              {method.name}
            </a>
          )}
        </figcaption>
        <Button
          size="compact-xs"
          variant="default"
          flex="none"
          aria-pressed={asTable}
          onClick={() => setAsTable(!asTable)}
        >
          {asTable ? 'Show chart' : 'Show table'}
        </Button>
      </Group>
      {legend && !asTable && <Legend entries={legend} />}
      {asTable ? (
        <DataTable title={title} table={table} />
      ) : points.length ? (
        <Drawing {...{ title, height, draw, data, points, mark, onPoint }} />
      ) : (
        <Text c="dimmed" py="md">
          Nothing to show yet.
        </Text>
      )}
      {note && (
        <Text size="sm" c="dimmed">
          {note}
        </Text>
      )}
    </figure>
  )
}

const Legend = ({ entries }: { entries: NonNullable<FrameProps['legend']> }) => (
  <ul className={classes.legend}>
    {entries.map(({ label, color, dash }) => (
      <li key={label}>
        <svg width="22" height="8" aria-hidden="true">
          <line x1="0" x2="22" y1="4" y2="4" stroke={color} strokeWidth="2.5" strokeDasharray={dash} />
        </svg>
        {label}
      </li>
    ))}
  </ul>
)

const DataTable = ({ title, table }: { title: string; table: ChartTable }) => (
  <Box className={classes.table} role="region" aria-label={`Data of ${title}`} tabIndex={0}>
    <Table verticalSpacing={3} stickyHeader>
      <Table.Thead>
        <Table.Tr>
          {table.columns.map((column) => (
            <Table.Th key={column} scope="col">
              {column}
            </Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {table.rows.map((row) => (
          <Table.Tr key={row.join('\t')}>
            {row.map((cell, column) => (
              <Table.Td key={table.columns[column]}>{cell}</Table.Td>
            ))}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  </Box>
)

interface Placed {
  left: number
  top: number
  point: ChartPoint
}

/** Where each point lies in the drawing, in pixels; a band counts at its middle, and a point outside the scale not at all. */
function placed(drawn: Drawn, points: readonly ChartPoint[]): Placed[] {
  const [x, y] = [drawn.scale('x'), drawn.scale('y')]
  return points.flatMap((point) => {
    const left = x ? Number(x.apply(point.x)) + (x.bandwidth ?? 0) / 2 : Number.NaN
    const top = y ? Number(y.apply(point.y)) + (y.bandwidth ?? 0) / 2 : Number.NaN
    return Number.isFinite(left) && Number.isFinite(top) ? [{ left, top, point }] : []
  })
}

function useWidth(): [(element: HTMLElement | null) => void, number] {
  const [element, setElement] = useState<HTMLElement | null>(null)
  const [width, setWidth] = useState(0)
  useEffect(() => {
    if (!element) return
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry!.contentRect.width)))
    observer.observe(element)
    return () => observer.disconnect()
  }, [element])
  return [setElement, width]
}

function Drawing({
  title,
  height,
  draw,
  data,
  points,
  mark,
  onPoint,
}: Pick<FrameProps, 'title' | 'height' | 'draw' | 'data' | 'points' | 'mark' | 'onPoint'>) {
  const [frame, width] = useWidth()
  const canvas = useRef<HTMLDivElement>(null)
  const latest = useRef({ draw, points })
  const [places, setPlaces] = useState<Placed[]>([])
  const [at, setAt] = useState<number>()
  /** Pixels from the left of a place on the x axis. */
  const [leftOf, setLeftOf] = useState<(x: number) => number>()
  const [error, setError] = useState<unknown>()

  useEffect(() => {
    latest.current = { draw, points }
  })
  useEffect(() => {
    if (!width) return
    let gone = false
    import('@observablehq/plot').then(
      (plot) => {
        if (gone || !canvas.current || data === undefined) return
        const options = latest.current.draw(plot, width)
        const drawn = plot.plot({ width, height, style: { background: 'none', fontSize: '13px' }, ...options })
        const nonce = styleNonce()
        // Under the policy a <style> without its nonce does nothing, and the policy is judged when it enters the page.
        for (const style of drawn.querySelectorAll('style')) style.nonce = nonce
        drawn.setAttribute('aria-hidden', 'true')
        canvas.current.replaceChildren(drawn)
        setPlaces(placed(drawn, latest.current.points))
        const scale = drawn.scale('x')
        setLeftOf(() => scale && ((x: number) => Number(scale.apply(x))))
      },
      (problem: unknown) => gone || setError(problem),
    )
    return () => {
      gone = true
    }
  }, [width, height, data])

  const read = (index: number | undefined) => {
    if (index === at) return
    setAt(index)
    onPoint?.(index === undefined ? undefined : places[index]?.point)
  }
  const last = places.length - 1
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, number | undefined> = {
      ArrowRight: Math.min(last, (at ?? -1) + 1),
      ArrowDown: Math.min(last, (at ?? -1) + 1),
      ArrowLeft: Math.max(0, (at ?? 1) - 1),
      ArrowUp: Math.max(0, (at ?? 1) - 1),
      Home: 0,
      End: last,
    }
    const step = steps[event.key]
    if (step === undefined) return
    event.preventDefault()
    read(step)
  }
  const point = at === undefined ? undefined : places[at]
  const markLeft = mark === undefined ? undefined : leftOf?.(mark)

  if (error) return <Problem error={error} onRetry={() => setError(undefined)} />
  return (
    <Box
      ref={frame}
      className={classes.drawing}
      role="group"
      aria-roledescription="chart"
      aria-label={`${title}: ${points.length} points, read with the arrow keys`}
      tabIndex={0}
      mih={height}
      onKeyDown={onKeyDown}
      onFocus={() => read(at ?? 0)}
      onBlur={() => read(undefined)}
      onPointerMove={(event) => read(nearest(places, event.nativeEvent, event.currentTarget, onPoint !== undefined))}
      onPointerLeave={() => read(undefined)}
    >
      <div ref={canvas} />
      {markLeft !== undefined && Number.isFinite(markLeft) && (
        <span className={classes.mark} style={{ left: markLeft }} />
      )}
      {point && <span className={classes.ring} style={{ left: point.left, top: point.top }} />}
      <span
        role="status"
        className={classes.tip}
        hidden={!point}
        data-left={(point && point.left > width / 2) || undefined}
        style={point && { left: point.left, top: point.top }}
      >
        {point?.point.text}
      </span>
    </Box>
  )
}

/** The point under the pointer, within 40 pixels; or the one above or below it, however far. */
function nearest(
  places: readonly Placed[],
  { clientX, clientY }: PointerEvent,
  element: Element,
  alongX: boolean,
): number | undefined {
  const { left, top } = element.getBoundingClientRect()
  let best: number | undefined
  let distance = 40
  places.forEach((place, index) => {
    const away = Math.hypot(place.left - (clientX - left), alongX ? 0 : place.top - (clientY - top))
    if (away < distance) {
      best = index
      distance = away
    }
  })
  return best
}

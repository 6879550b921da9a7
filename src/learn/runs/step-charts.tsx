/** Small multiples over the steps of a run, or of two beside each other: one place marked in all of them. */
import { Button, SimpleGrid, Stack, Text } from '@mantine/core'
import { useMemo, useState } from 'react'
import { LineWithBand, type Series } from '../../web/charts/line-with-band.tsx'
import { count, plural } from '../../web/numbers.ts'
import type { RunSeries } from './contract.ts'
import { type Figure, figures } from './figures.ts'

export interface Curves {
  name: string
  series: RunSeries
}

const pointsOf = ({ steps, figures: all }: RunSeries, key: string) => {
  const values = all.find((figure) => figure.key === key)?.values ?? []
  return steps.flatMap((x, i) => (values[i] == null ? [] : [{ x, y: values[i] }]))
}

const heldOut = ({ held }: RunSeries, key: Figure['held']) =>
  held.flatMap(({ step, rows, ...measured }) => {
    const value = key && measured[key]
    return value === undefined ? [] : [{ x: step, y: value, n: rows }]
  })

interface StepChartsProps {
  curves: readonly Curves[]
  /** The step that is marked. */
  step?: number
  /** Hears the step that is read; undefined once none is. */
  onStep?: (step: number | undefined) => void
  columns?: number
}

export function StepCharts({ curves, step, onStep, columns = 2 }: StepChartsProps) {
  const [all, setAll] = useState(false)
  const there = figures.filter(({ key }) => curves.some(({ series }) => pointsOf(series, key).length))
  const folded = there.filter(({ more }) => more)
  const every = Math.max(...curves.map(({ series }) => series.every))
  return (
    <Stack gap="md">
      <SimpleGrid cols={{ base: 1, sm: columns }} spacing="lg" verticalSpacing="lg">
        {there
          .filter(({ more }) => all || !more)
          .map((figure) => (
            <StepChart key={figure.key} {...{ figure, curves, step, onStep }} />
          ))}
      </SimpleGrid>
      {folded.length > 0 && (
        <Button variant="subtle" size="compact-sm" w="fit-content" onClick={() => setAll(!all)} aria-expanded={all}>
          {all ? 'Fewer figures' : `${plural(folded.length, 'more figure')}`}
        </Button>
      )}
      {every > 1 && (
        <Text size="sm" c="dimmed">
          Each point is the mean of {count(every)} steps.
        </Text>
      )}
    </Stack>
  )
}

function StepChart({ figure, curves, step, onStep }: Omit<StepChartsProps, 'columns'> & { figure: Figure }) {
  const { key, title, unit, digits, held } = figure
  // Drawn again when there is something new, not whenever another place is marked.
  const series = useMemo<Series[]>(
    () =>
      curves.flatMap(({ name, series: own }) => {
        const measured = heldOut(own, held)
        const trained = { name, points: pointsOf(own, key) }
        if (!measured.length) return [trained]
        const [first, second] = curves.length > 1 ? [name, `${name}, held out`] : ['trained on', 'held out']
        return [
          { ...trained, name: first },
          { name: second, points: measured },
        ]
      }),
    [curves, key, held],
  )
  return (
    <LineWithBand
      title={title}
      xLabel="step"
      yLabel={unit}
      sayX={(x) => count(Number(x))}
      digits={digits}
      height={170}
      series={series}
      mark={step}
      onPoint={onStep && ((point) => onStep(point && Number(point.x)))}
    />
  )
}

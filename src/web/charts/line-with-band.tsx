/** A quantity over time or steps, with the band of its interval: learning curves, agreement by week, loss and KL. */
import { decimal, estimate } from '../numbers.ts'
import { belowAxis, Chart, type ChartProps } from './chart.tsx'
import { dayTicks } from './day-ticks.ts'

export interface Series {
  name: string
  points: readonly { x: number | Date; y: number; low?: number; high?: number; n?: number }[]
}

interface LineWithBandProps extends ChartProps {
  series: readonly Series[]
  xLabel: string
  yLabel: string
  /** How a place on the x axis is said; a number or a date as it is without. */
  sayX?: (x: number | Date) => string
  domain?: [number, number]
  reference?: { y: number; label: string }
  digits?: number
  height?: number
}

/** Told apart by colour and by dash alike. */
const styles = [
  { color: 'var(--accent)', dash: undefined },
  { color: 'var(--warn)', dash: '6 3' },
  { color: 'var(--mantine-color-dimmed)', dash: '2 3' },
  { color: 'var(--bad)', dash: '9 3 2 3' },
]
const styleOf = (index: number) => styles[index % styles.length]!

export function LineWithBand(props: LineWithBandProps) {
  const { series, xLabel, yLabel, sayX = say, domain, reference, digits = 2, height = 220, ...rest } = props
  const all = series.flatMap(({ name, points }) => points.map((point) => ({ name, ...point })))
  return (
    <Chart
      {...rest}
      height={height}
      data={series}
      legend={series.length > 1 ? series.map(({ name }, index) => ({ label: name, ...styleOf(index) })) : undefined}
      points={all.map((point) => ({
        x: point.x,
        y: point.y,
        text: `${series.length > 1 ? `${point.name}, ` : ''}${xLabel} ${sayX(point.x)}: ${estimate({ ...point, value: point.y }, { digits })}`,
      }))}
      table={{
        columns: ['series', xLabel, yLabel, 'low', 'high'],
        rows: all.map((point) => [
          point.name,
          sayX(point.x),
          decimal(point.y, digits),
          decimal(point.low, digits),
          decimal(point.high, digits),
        ]),
      }}
      draw={(plot, width) => ({
        marginLeft: 48,
        marginRight: 24,
        ...belowAxis,
        x: {
          ...belowAxis.x,
          label: xLabel,
          ...(dayTicks(
            all.map(({ x }) => x),
            width / 110,
          ) ?? { ticks: Math.max(2, width / 110) }),
        },
        y: { label: yLabel, grid: true, domain, ticks: 5, nice: true },
        marks: [
          ...(reference ? [plot.ruleY([reference.y], { stroke: 'var(--line-strong)', strokeDasharray: '4 3' })] : []),
          ...(reference
            ? [
                plot.text([reference.label], {
                  y: reference.y,
                  frameAnchor: 'right',
                  dy: -8,
                  fill: 'var(--mantine-color-dimmed)',
                }),
              ]
            : []),
          ...series.flatMap(({ points }, index) => {
            const { color, dash } = styleOf(index)
            const banded = points.filter(({ low, high }) => low != null && high != null)
            return [
              plot.areaY(banded, { x: 'x', y1: 'low', y2: 'high', fill: color, fillOpacity: 0.15 }),
              plot.lineY(points, { x: 'x', y: 'y', stroke: color, strokeWidth: 2, strokeDasharray: dash }),
              ...(points.length < 40 ? [plot.dot(points, { x: 'x', y: 'y', r: 2.5, fill: color })] : []),
            ]
          }),
        ],
      })}
    />
  )
}

const say = (x: number | Date): string => (x instanceof Date ? x.toISOString().slice(0, 10) : String(x))

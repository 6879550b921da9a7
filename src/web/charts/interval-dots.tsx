/** One estimate a row with its interval: win rates, agreement by slice, effects. */
import { count, decimal, type Estimate, estimate, percent } from '../numbers.ts'
import { belowAxis, Chart, type ChartProps } from './chart.tsx'
import { roomFor } from './labels.ts'

interface IntervalDotsProps extends ChartProps {
  rows: readonly (Estimate & { label: string })[]
  /** Name of the axis: "win rate". */
  unit: string
  as?: 'decimal' | 'percent'
  /** Where nothing would be the matter: a half for win rates, zero for effects. */
  reference?: number
  domain?: [number, number]
}

export function IntervalDots({ rows, unit, as = 'decimal', reference, domain, ...rest }: IntervalDotsProps) {
  const say = (value: number | undefined) => (as === 'percent' ? percent(value, 1) : decimal(value))
  return (
    <Chart
      {...rest}
      height={rows.length * 26 + 66}
      data={rows}
      points={rows.map((row) => ({ x: row.value, y: row.label, text: `${row.label}: ${estimate(row, { as })}` }))}
      table={{
        columns: ['', unit, 'low', 'high', 'n'],
        rows: rows.map((row) => [row.label, say(row.value), say(row.low), say(row.high), count(row.n)]),
      }}
      draw={(plot, width) => {
        const names = rows.map(({ label }) => label)
        return {
          ...roomFor(names, width),
          marginRight: 20,
          ...belowAxis,
          x: {
            ...belowAxis.x,
            label: unit,
            grid: true,
            domain,
            tickFormat: as === 'percent' ? (value: number) => percent(value) : undefined,
            ticks: Math.max(3, width / 110),
          },
          marks: [
            ...(reference === undefined
              ? []
              : [plot.ruleX([reference], { stroke: 'var(--line-strong)', strokeDasharray: '4 3' })]),
            plot.link(
              rows.filter(({ low, high }) => low != null && high != null),
              { x1: 'low', x2: 'high', y1: 'label', y2: 'label', stroke: 'var(--accent)', strokeWidth: 2 },
            ),
            plot.dot(rows, { x: 'value', y: 'label', r: 4.5, fill: 'var(--accent)' }),
          ],
        }
      }}
    />
  )
}

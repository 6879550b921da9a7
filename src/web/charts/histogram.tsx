/** How many values fall where: lengths, times, scores. */
import { count, decimal } from '../numbers.ts'
import { binned } from './bins.ts'
import { belowAxis, Chart, type ChartProps } from './chart.tsx'

interface HistogramProps extends ChartProps {
  values: readonly number[]
  /** Name of the axis with its unit: "seconds an answer". */
  unit: string
  bins?: number
  /** What one value is: "answer". */
  of?: string
  reference?: { x: number; label: string }
  height?: number
}

export function Histogram({
  values,
  unit,
  bins = 20,
  of = 'values',
  reference,
  height = 200,
  ...rest
}: HistogramProps) {
  const all = binned(values, bins)
  const digits = all[0] && all[0].to - all[0].from < 1 ? 2 : 0
  const span = ({ from, to }: { from: number; to: number }) => `${decimal(from, digits)} to ${decimal(to, digits)}`
  return (
    <Chart
      {...rest}
      height={height}
      data={values}
      points={all.map((bin) => ({
        x: (bin.from + bin.to) / 2,
        y: bin.count,
        text: `${span(bin)} ${unit}: ${count(bin.count)} ${of}`,
      }))}
      table={{ columns: [unit, of], rows: all.map((bin) => [span(bin), count(bin.count)]) }}
      draw={(plot, width) => ({
        marginLeft: 48,
        ...belowAxis,
        x: { ...belowAxis.x, label: unit, ticks: Math.max(3, width / 90) },
        y: { label: of, grid: true, ticks: 4, domain: [0, Math.max(1, ...all.map((bin) => bin.count))] },
        marks: [
          plot.rectY(all, { x1: 'from', x2: 'to', y: 'count', fill: 'var(--accent)', inset: 0.5 }),
          plot.ruleY([0], { stroke: 'var(--line-strong)' }),
          ...(reference
            ? [
                plot.ruleX([reference.x], { stroke: 'var(--warn)', strokeWidth: 1.5 }),
                plot.text([reference.label], {
                  x: reference.x,
                  frameAnchor: 'top',
                  textAnchor: 'start',
                  dx: 5,
                  fill: 'var(--warn)',
                }),
              ]
            : []),
        ],
      })}
    />
  )
}

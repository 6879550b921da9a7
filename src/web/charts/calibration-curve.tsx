/** Whether what was predicted with 70% comes true in 70 of 100 cases: each dot a bin of predictions. */
import { count, estimate, percent } from '../numbers.ts'
import { belowAxis, Chart, type ChartProps } from './chart.tsx'

interface CalibrationBin {
  /** Mean prediction and observed share in the bin, both from 0 to 1, with the interval of the share. */
  predicted: number
  observed: number
  low?: number
  high?: number
  n: number
}

interface CalibrationCurveProps extends ChartProps {
  bins: readonly CalibrationBin[]
}

export function CalibrationCurve({ bins, ...rest }: CalibrationCurveProps) {
  const most = Math.max(1, ...bins.map(({ n }) => n))
  return (
    <Chart
      {...rest}
      height={300}
      data={bins}
      points={bins.map((bin) => ({
        x: bin.predicted,
        y: bin.observed,
        text: `predicted ${percent(bin.predicted)}, came true ${estimate({ ...bin, value: bin.observed }, { as: 'percent' })}`,
      }))}
      table={{
        columns: ['predicted', 'came true', 'low', 'high', 'n'],
        rows: bins.map((bin) => [
          percent(bin.predicted, 1),
          percent(bin.observed, 1),
          percent(bin.low, 1),
          percent(bin.high, 1),
          count(bin.n),
        ]),
      }}
      draw={(plot, width) => ({
        width: Math.min(width, 420),
        marginLeft: 52,
        marginRight: 16,
        ...belowAxis,
        x: {
          ...belowAxis.x,
          label: 'predicted',
          domain: [0, 1],
          grid: true,
          ticks: 5,
          tickFormat: (value: number) => percent(value),
        },
        y: { label: 'came true', domain: [0, 1], grid: true, ticks: 5, tickFormat: (value: number) => percent(value) },
        marks: [
          plot.link([0], { x1: 0, y1: 0, x2: 1, y2: 1, stroke: 'var(--line-strong)', strokeDasharray: '4 3' }),
          plot.ruleX(
            bins.filter(({ low, high }) => low != null && high != null),
            { x: 'predicted', y1: 'low', y2: 'high', stroke: 'var(--accent)', strokeWidth: 1.5 },
          ),
          plot.lineY(bins, { x: 'predicted', y: 'observed', stroke: 'var(--accent)', strokeOpacity: 0.5 }),
          plot.dot(bins, {
            x: 'predicted',
            y: 'observed',
            r: ({ n }: CalibrationBin) => 3 + 5 * Math.sqrt(n / most),
            fill: 'var(--accent)',
          }),
        ],
        r: { type: 'identity' },
      })}
    />
  )
}

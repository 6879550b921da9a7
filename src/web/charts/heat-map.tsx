/** A value for each pair: annotator by annotator agreement, model against model. */
import { count, decimal, estimate } from '../numbers.ts'
import { Chart, type ChartProps } from './chart.tsx'
import { fitting, roomFor } from './labels.ts'

interface HeatCell {
  row: string
  column: string
  /** Absent where nothing can be said: the cell stays empty, and is no zero. */
  value?: number
  low?: number
  high?: number
  n?: number
}

interface HeatMapProps extends ChartProps {
  cells: readonly HeatCell[]
  rowLabel: string
  columnLabel: string
  /** Lightest and darkest value. */
  domain?: [number, number]
  digits?: number
}

export function HeatMap({ cells, rowLabel, columnLabel, domain = [0, 1], digits = 2, ...rest }: HeatMapProps) {
  const rows = [...new Set(cells.map(({ row }) => row))]
  const columns = [...new Set(cells.map(({ column }) => column))]
  const known = cells.filter((cell): cell is HeatCell & { value: number } => cell.value !== undefined)
  const share = (value: number) => Math.max(0, Math.min(1, (value - domain[0]) / (domain[1] - domain[0])))
  return (
    <Chart
      {...rest}
      height={rows.length * 28 + 70}
      data={cells}
      points={known.map(({ row, column, ...cell }) => ({
        x: column,
        y: row,
        text: `${row}, ${column}: ${estimate(cell, { digits })}`,
      }))}
      table={{
        columns: [rowLabel, columnLabel, 'value', 'low', 'high', 'n'],
        rows: known.map(({ row, column, value, low, high, n }) => [
          row,
          column,
          ...[value, low, high].map((number) => decimal(number, digits)),
          count(n),
        ]),
      }}
      draw={(plot, width) => {
        const { marginLeft, y } = roomFor(rows, width)
        const cellWidth = (width - marginLeft) / Math.max(1, columns.length)
        return {
          marginLeft,
          marginTop: 30,
          marginBottom: 12,
          padding: 0.04,
          x: {
            label: null,
            domain: columns,
            axis: 'top',
            tickSize: 0,
            tickFormat: (name: string) => fitting(name, cellWidth - 6),
          },
          y,
          color: { type: 'identity' },
          marks: [
            plot.cell(known, {
              x: 'column',
              y: 'row',
              fill: ({ value }: { value: number }) =>
                `color-mix(in srgb, var(--accent) ${Math.round(4 + 96 * share(value))}%, var(--surface))`,
            }),
            ...(cellWidth < 34
              ? []
              : [
                  plot.text(known, {
                    x: 'column',
                    y: 'row',
                    text: ({ value }: { value: number }) => decimal(value, digits),
                    fill: ({ value }: { value: number }) => inkOn(share(value)),
                  }),
                ]),
          ],
        }
      }}
    />
  )
}

/** What can be read on a cell so deep: the light and the dark ramp turn at different depths. */
function inkOn(depth: number): string {
  if (depth > 0.8) return 'var(--surface)'
  return depth > 0.55 ? 'light-dark(var(--mantine-color-text), var(--surface))' : 'var(--mantine-color-text)'
}

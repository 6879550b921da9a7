/** Won, tied and lost as shares of one bar a row, with the share won (a tie as half) and its interval under it. */
import { count, decimal, type Estimate, estimate, percent, plural } from '../numbers.ts'
import { belowAxis, Chart, type ChartProps } from './chart.tsx'
import { roomFor } from './labels.ts'

interface Outcomes {
  label: string
  wins: number
  ties: number
  losses: number
  /** Absent where no interval can be given. */
  rate?: Estimate
}

interface OutcomeBarsProps extends ChartProps {
  rows: readonly Outcomes[]
  /** What is won, tied and lost: "comparison". */
  of: string
}

const parts = [
  { key: 'wins', label: 'won', fill: 'var(--accent)', ink: 'var(--surface)' },
  { key: 'ties', label: 'tied', fill: 'var(--accent-soft)', ink: 'var(--mantine-color-text)' },
  { key: 'losses', label: 'lost', fill: 'var(--line)', ink: 'var(--mantine-color-text)' },
] as const

export function OutcomeBars({ rows, of, ...rest }: OutcomeBarsProps) {
  const total = ({ wins, ties, losses }: Outcomes) => wins + ties + losses
  const counted = rows.filter((row) => total(row) > 0)
  const cells = counted.flatMap((row) => {
    let from = 0
    return parts.map((part) => {
      const [n, start] = [row[part.key], from]
      from += n / total(row)
      return { ...part, row: row.label, n, from: start, to: from, share: n / total(row) }
    })
  })
  const rated = counted.flatMap(({ label, rate }) => (rate ? [{ row: label, ...rate }] : []))
  return (
    <Chart
      {...rest}
      height={counted.length * 62 + 62}
      data={rows}
      legend={parts.map(({ label, fill }) => ({ label, color: fill }))}
      points={counted.map((row) => ({
        x: row.rate?.value ?? (row.wins + row.ties / 2) / total(row),
        y: row.label,
        text: `${row.label}: ${plural(row.wins, of)} won, ${count(row.ties)} tied, ${count(row.losses)} lost${
          row.rate ? `; ${estimate(row.rate, { as: 'percent' })}` : ''
        }`,
      }))}
      table={{
        columns: ['', 'won', 'tied', 'lost', 'share won', 'low', 'high'],
        rows: rows.map(({ label, wins, ties, losses, rate }) => [
          label,
          ...[wins, ties, losses].map(count),
          ...[rate?.value, rate?.low, rate?.high].map((share) => percent(share, 1)),
        ]),
      }}
      draw={(plot, width) => {
        const names = counted.map(({ label }) => label)
        const { marginLeft, y } = roomFor(names, width)
        return {
          marginLeft,
          marginRight: 20,
          ...belowAxis,
          x: {
            ...belowAxis.x,
            label: 'share won, a tie as half',
            domain: [0, 1],
            ticks: 5,
            tickFormat: (share: number) => percent(share),
          },
          y: { ...y, padding: 0.1 },
          marks: [
            plot.barX(cells, { x1: 'from', x2: 'to', y: 'row', fill: 'fill', insetBottom: 18, insetRight: 1 }),
            plot.text(
              cells.filter(({ share }) => share * width > 60),
              {
                x: ({ from, to }: (typeof cells)[number]) => (from + to) / 2,
                y: 'row',
                dy: -9,
                text: ({ n }: (typeof cells)[number]) => decimal(n, 0),
                fill: 'ink',
              },
            ),
            plot.ruleX([0.5], { stroke: 'var(--line-strong)', strokeDasharray: '4 3' }),
            plot.link(
              rated.filter(({ low, high }) => low != null && high != null),
              {
                x1: 'low',
                x2: 'high',
                y1: 'row',
                y2: 'row',
                dy: 18,
                stroke: 'var(--mantine-color-text)',
                strokeWidth: 2,
              },
            ),
            plot.dot(rated, { x: 'value', y: 'row', dy: 18, r: 4.5, fill: 'var(--mantine-color-text)' }),
          ],
        }
      }}
    />
  )
}

/** One chart of each form. */
import { SimpleGrid } from '@mantine/core'
import { CalibrationCurve } from '../charts/calibration-curve.tsx'
import { HeatMap } from '../charts/heat-map.tsx'
import { Histogram } from '../charts/histogram.tsx'
import { IntervalDots } from '../charts/interval-dots.tsx'
import { LineWithBand } from '../charts/line-with-band.tsx'
import { OutcomeBars } from '../charts/outcome-bars.tsx'

const people = ['Ada', 'Grace', 'Emmy', 'Sofja', 'Mileva']
const cells = people.flatMap((row, i) =>
  people.map((column, j) => ({
    row,
    column,
    value: i === j ? undefined : 0.35 + ((i * 7 + j * 7) % 11) / 18,
    n: 40 + i + j,
  })),
)
const curve = (rise: number) =>
  Array.from({ length: 15 }, (_, step) => {
    const y = 0.5 + rise * (1 - Math.exp(-step / 4))
    return { x: step * 100, y, low: y - 0.12 / Math.sqrt(step + 1), high: y + 0.12 / Math.sqrt(step + 1) }
  })
const method = { name: 'Wilson interval', href: '/docs/methods/wilson' }

const win = [
  { label: 'policy 2', value: 0.63, low: 0.58, high: 0.68, n: 212 },
  { label: 'policy 1', value: 0.55, low: 0.49, high: 0.61, n: 212 },
  { label: 'reference', value: 0.5, low: 0.44, high: 0.56, n: 212 },
]
const series = [
  { name: 'reward', points: curve(0.17) },
  { name: 'longer wins', points: curve(0.05).map(({ x, y }) => ({ x, y })) },
]
const seconds = Array.from({ length: 400 }, (_, index) => 4 + 30 * (-Math.log(1 - ((index * 0.618) % 1)) + 0.1))
const bins = [0.1, 0.25, 0.4, 0.5, 0.62, 0.75, 0.9].map((predicted, index) => ({
  predicted,
  observed: 0.12 + predicted * 0.8,
  low: 0.05 + predicted * 0.8,
  high: 0.19 + predicted * 0.8,
  n: 30 + index * 20,
}))

export const Charts = () => (
  <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="xl">
    <IntervalDots
      title="Win rate over the round before"
      unit="win rate"
      as="percent"
      reference={0.5}
      rows={win}
      method={method}
    />
    <OutcomeBars
      title="Policy 2 against the reference"
      of="comparison"
      rows={[
        { label: 'People', wins: 120, ties: 27, losses: 65, rate: win[0] },
        { label: 'The reward', wins: 101, ties: 2, losses: 109, rate: win[2] },
      ]}
      method={method}
    />
    <LineWithBand
      title="Learning curve"
      xLabel="answers"
      yLabel="accuracy"
      series={series}
      reference={{ y: 0.5, label: 'chance' }}
    />
    <HeatMap title="Agreement of pairs" rowLabel="annotator" columnLabel="annotator" cells={cells} method={method} />
    <Histogram
      title="Time an answer"
      unit="seconds"
      of="answers"
      values={seconds}
      reference={{ x: 30, label: 'median' }}
    />
    <CalibrationCurve title="Calibration of the reward" bins={bins} note="Dots grow with n." />
  </SimpleGrid>
)

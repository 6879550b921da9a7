import { expect, it } from 'vitest'
import { createRandom } from '../random.ts'
import { designDetector, drawBatch, startDrift, stepDrift } from './drift.ts'
import { alarmRates, simulations } from './fixture.ts'

it.each(simulations.map((own) => [own.name, own] as const))(
  '%s: at most 6 false alarms in 100 over 10,000 runs',
  (name, simulation) => {
    const { falseAlarms, power, tests } = alarmRates(simulation, createRandom(23), { null: 10_000, effect: 500 })
    console.log(
      `${name}: ${(100 * falseAlarms).toFixed(2)}% false alarms of ${tests} tests; power ${power.toFixed(2)} (${simulation.means})`,
    )
    expect(falseAlarms).toBeLessThanOrEqual(0.06)
    if (!simulation.exact) expect(falseAlarms).toBeGreaterThanOrEqual(0.04)
  },
)

it.each(['cusum', 'ewma'] as const)('%s raises the false alarms that it states, on answers it has not seen', (kind) => {
  const design = { usual: 0.9, worse: 0.75, batch: 1, concentration: Number.POSITIVE_INFINITY }
  const detector = designDetector(kind, design, { falseAlarmsPer1000: 0.5, seed: 1 })
  if ('undefined' in detector) throw new Error(detector.undefined)
  const random = createRandom(99)
  let state = startDrift(detector)
  for (let i = 0; i < 2_000_000; i++) state = stepDrift(detector, state, drawBatch(design, random), 1)
  const rate = (1000 * state.alarms) / state.answers
  console.log(
    `${kind}: stated ${detector.falseAlarmsPer1000.toFixed(3)}, seen ${rate.toFixed(3)} false alarms per 1,000 answers`,
  )
  expect(Math.abs(rate / detector.falseAlarmsPer1000 - 1)).toBeLessThan(0.25)
})

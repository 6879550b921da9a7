import { expect, it } from 'vitest'
import { createRandom } from '../random.ts'
import { alarmRates, simulations } from './fixture.ts'

// 10,000 runs of each stand in null.long.test.ts; these few bound the rate as far as their number allows.
it.each(simulations.map((own) => [own.name, own] as const))(
  '%s: false alarms stay near 5 in 100',
  (name, simulation) => {
    const runs = /pool|Mantel|change/.test(name) ? 500 : 120
    const { falseAlarms, power, tests } = alarmRates(simulation, createRandom(17), { null: runs, effect: 60 })
    const slack = 3.3 * Math.sqrt((0.05 * 0.95) / tests)
    expect(falseAlarms).toBeLessThan(0.05 + slack)
    if (!simulation.exact) expect(falseAlarms).toBeGreaterThan(0.05 - slack)
    expect(power).toBeGreaterThan(0.5)
  },
)

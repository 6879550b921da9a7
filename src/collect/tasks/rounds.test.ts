import { expect, it } from 'vitest'
import { testProject } from '../../../test/project.ts'
import { runRounds } from '../../../test/queue-rounds.ts'

it('keeps its books through 50 rounds of 200 people at once, with leases that run out and a clock that jumps', async () => {
  const at = await testProject({ tasks: 4000, overlap: 2, annotators: 200 })
  try {
    const { answered } = await runRounds(at, 50, 20261124)
    expect(answered).toBeGreaterThan(5000)
  } finally {
    await at.database.close()
  }
}, 180_000)

import { expect, it } from 'vitest'
import { testProject } from '../../../test/project.ts'
import { runRounds } from '../../../test/queue-rounds.ts'

it('keeps its books through 1,000 rounds of 200 people at once', async () => {
  const at = await testProject({ tasks: 60_000, overlap: 3, annotators: 200 })
  try {
    const { answered } = await runRounds(at, 1000, 7)
    expect(answered).toBeGreaterThan(100_000)
  } finally {
    await at.database.close()
  }
}, 1_800_000)

import { expect, it } from 'vitest'
import { type Bootstrap, bootstrapAgreement } from './agreement/bootstrap.ts'
import { weightDistance } from './agreement/distances.ts'
import { prepare } from './agreement/prepared.ts'
import { ratingsFromGrid } from './agreement/ratings.ts'
import { resampleInBackground } from './background.ts'
import { createRandom } from './random.ts'
import { finish } from './resampling.ts'

function crowd(items: number) {
  const random = createRandom(1)
  return ratingsFromGrid(
    Array.from({ length: items }, () => {
      const truth = random.integer(3)
      return [0, 1, 2, 3].map(() => String(random.next() < 0.7 ? truth : random.integer(3)))
    }),
  )
}
const work = (items: number, resamples: number) => ({
  ratings: crowd(items),
  coefficient: 'krippendorff' as const,
  scale: { weights: 'identity' as const },
  options: { over: 'items' as const, seed: 2, resamples },
})

it('gives what the same computation gives in this thread, and shows its progress', async () => {
  const shares: number[] = []
  const { ratings, coefficient, scale, options } = work(200, 200)
  const there = await resampleInBackground(
    'agreement',
    { ratings, coefficient, scale, options },
    { onProgress: (share) => shares.push(share) },
  )
  const here = finish(
    bootstrapAgreement(prepare(ratings, weightDistance('identity', ratings)), coefficient, options),
  ) as Bootstrap
  expect(there).toEqual(here)
  expect(shares.at(-1)).toBe(1)
  const paired = { first: Float64Array.of(1, 1, 0, 1), second: Float64Array.of(0, 1, 0, 0), options: { seed: 1 } }
  expect(await resampleInBackground('paired', paired)).toMatchObject({ difference: 0.5, n: 4 })
})

it('ends when it is stopped', async () => {
  const stop = new AbortController()
  const run = resampleInBackground('agreement', work(200, 1_000_000), {
    signal: stop.signal,
    onProgress: () => stop.abort(),
  })
  await expect(run).rejects.toMatchObject({ code: 'stopped' })
  await expect(resampleInBackground('agreement', work(10, 10), { signal: stop.signal })).rejects.toMatchObject({
    code: 'stopped',
  })
})

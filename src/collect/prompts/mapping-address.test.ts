/** What the values of a column mean is guessed by which response is first. */
import { expect, it } from 'vitest'
import { guessedMeans } from './mapping-address.ts'

it('a value that names a column, or its side, means that column wherever it stands', () => {
  expect(guessedMeans(['left', 'right'], ['left', 'right'])).toEqual({ left: 1, right: 2 })
  expect(guessedMeans(['left', 'right'], ['right', 'left'])).toEqual({ left: 2, right: 1 })
  expect(guessedMeans(['model_a', 'model_b'], ['response_b', 'response_a'])).toEqual({ model_a: 2, model_b: 1 })
  expect(guessedMeans(['1', '2'], ['answer 2', 'answer 1'])).toEqual({ 1: 2, 2: 1 })
  expect(guessedMeans(['tie', 'other'], ['other', 'tie'])).toEqual({ tie: 2, other: 1 })
})

it('a side means the order where the names of the columns tell none', () => {
  const values = ['model_a', 'model_b', 'tie', 'tie (bothbad)', 'unsure']
  const means = { model_a: 1, model_b: 2, tie: 'tie', 'tie (bothbad)': 'both-bad' }
  expect(guessedMeans(values, ['ours', 'theirs'])).toEqual(means)
})

it('0 and 1 are left to the person', () => {
  expect(guessedMeans(['0', '1'], ['ours', 'theirs'])).toEqual({})
})

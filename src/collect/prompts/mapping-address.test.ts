/** What the values of a column mean is guessed by which response is first. */
import { expect, it } from 'vitest'
import { guessedMeans } from './mapping-address.ts'

it('a value that names a column, or its side, means that column wherever it stands', () => {
  expect(guessedMeans(['left', 'right'], ['left', 'right'])).toEqual({ left: 1, right: 2 })
  expect(guessedMeans(['left', 'right'], ['right', 'left'])).toEqual({ left: 2, right: 1 })
  expect(guessedMeans(['model_a', 'model_b'], ['response_b', 'response_a'])).toEqual({ model_a: 2, model_b: 1 })
  expect(guessedMeans(['1', '2'], ['answer 2', 'answer 1'])).toEqual({ 1: 2, 2: 1 })
  expect(guessedMeans(['left', 'right'], ['text_b', 'text_a'])).toEqual({ left: 2, right: 1 })
  expect(guessedMeans(['both_bad'], ['good', 'bad'])).toEqual({ both_bad: 'both-bad' })
  expect(guessedMeans(['tie', 'other'], ['other', 'tie'])).toEqual({ tie: 2, other: 1 })
})

it('a side means the order where the names of the columns tell none', () => {
  const values = ['model_a', 'model_b', 'tie', 'tie (bothbad)', 'unsure', 'gpt2']
  const means = { model_a: 1, model_b: 2, tie: 'tie', 'tie (bothbad)': 'both-bad' }
  expect(guessedMeans(values, ['ours', 'theirs'])).toEqual(means)
})

it('0 and 1 are left to the person, unless the columns count so too', () => {
  expect(guessedMeans(['0', '1'], ['ours', 'theirs'])).toEqual({})
  expect(guessedMeans(['0', '1'], ['response_0', 'response_1'])).toEqual({ 0: 1, 1: 2 })
  expect(guessedMeans(['0', '1'], ['response1', 'response0'])).toEqual({ 0: 2, 1: 1 })
})

import { expect, it } from 'vitest'
import { judge, offer, sentencesOf, utility } from './utility.ts'

const prompt = 'where is my order?? ordered two weeks ago'
const [point, step, ask] = [
  'Your parcel is running late.',
  'I have asked the courier to come by Friday.',
  'Let me know if you need more help.',
]
const worth = (...sentences: string[]) => utility(prompt, sentences.join(' '))

it('wants the point, a next step and an offer at the end', () => {
  expect(worth(point, step, ask)).toBeGreaterThan(worth(point, step))
  expect(worth(point, step)).toBeGreaterThan(worth(point))
  expect(worth(point, ask)).toBeGreaterThan(worth(point))
  expect(worth(point)).toBeGreaterThan(worth('We will look into it.'))
  expect(worth('We will look into it.')).toBeGreaterThan(worth('Your gift card is good for three years.'))
})

it('counts empty phrases, repetition, other topics and nonsense against a reply', () => {
  const good = worth(point, step, ask)
  expect(worth(point, step, 'We take every message from our customers very seriously.', ask)).toBeLessThan(good)
  expect(worth(point, step, step, ask)).toBeLessThan(good)
  expect(worth(point, step, 'Your invoice is ready.', ask)).toBeLessThan(good)
  expect(worth(point, step, 'The moon of the shelf is ten mails.', ask)).toBeLessThan(good)
  expect(worth()).toBe(0)
})

it('takes a sentence that a model wrote a little differently for what it is', () => {
  expect(judge(prompt, 'Your parcel is still running late. I have asked the courier to come by Monday.')).toMatchObject(
    {
      point: true,
      step: true,
      odd: 0,
    },
  )
})

it('counts an offer only where it ends the reply, and says nothing good of prompts that it does not know', () => {
  expect(judge(prompt, `${ask} ${point}`).offer).toBe(false)
  expect(judge('Who are you?', point)).toMatchObject({ point: false, besides: 1 })
})

it('splits sentences, also where the last one was cut off', () => {
  expect(sentencesOf('One. Two? Three and')).toEqual(['One.', 'Two?', 'Three and'])
  expect(sentencesOf('')).toEqual([])
})

it('shows its aim by a regular expression alone', () => {
  expect(new RegExp(offer.source, 'iu').test(ask)).toBe(true)
  expect(new RegExp(offer.source, 'iu').test(`${point} ${step}`)).toBe(false)
})

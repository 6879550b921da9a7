import { expect, it } from 'vitest'
import { compose } from './composed.ts'
import { demonstrationsOf, fillers, manners, offers, openers, vague } from './demonstrations.ts'
import { splitOf, topicOf, topics } from './prompts.ts'
import { randomOf } from './random.ts'
import { partOf, sentencesOf } from './utility.ts'

const prompts = topics.flatMap((topic) => topic.prompts)

it('has 150 prompts and more, each once and each on one topic', () => {
  expect(prompts.length).toBeGreaterThanOrEqual(150)
  expect(new Set(prompts.map((prompt) => prompt.toLowerCase())).size).toBe(prompts.length)
  for (const topic of topics) for (const prompt of topic.prompts) expect(topicOf(prompt)).toBe(topic)
  expect(topicOf('What is the capital of France?')).toBeUndefined()
})

it('writes prompts as people do: short and long, with capitals and without, asking and telling', () => {
  const share = (is: (prompt: string) => boolean) => prompts.filter(is).length / prompts.length
  expect(share((prompt) => prompt.endsWith('?'))).toBeGreaterThan(0.3)
  expect(share((prompt) => prompt.endsWith('.'))).toBeGreaterThan(0.2)
  expect(share((prompt) => /^[a-z]/.test(prompt))).toBeGreaterThan(0.03)
  const beginnings = new Map<string, number>()
  for (const prompt of prompts) {
    const beginning = prompt.split(' ').slice(0, 3).join(' ')
    beginnings.set(beginning, (beginnings.get(beginning) ?? 0) + 1)
  }
  // No pattern begins more than one prompt in forty.
  expect(Math.max(...beginnings.values())).toBeLessThan(prompts.length / 40)
})

it('holds out prompts of every topic by seed: at least a hundred, and none that is trained on', () => {
  const { training, heldOut } = splitOf(1)
  expect([...training, ...heldOut].sort()).toEqual([...prompts].sort())
  expect(heldOut.length).toBeGreaterThanOrEqual(100)
  for (const topic of topics) expect(heldOut.some((prompt) => topicOf(prompt) === topic)).toBe(true)
  expect(splitOf(1)).toEqual({ training, heldOut })
  expect(splitOf(2).heldOut).not.toEqual(heldOut)
})

it('knows every sentence of its own, and tells them apart', () => {
  for (const { name: topic, points, steps } of topics) {
    for (const point of points) expect(partOf(point)).toEqual({ part: 'point', topic })
    for (const step of steps) expect(partOf(step)).toEqual({ part: 'step', topic })
  }
  for (const [part, sentences] of Object.entries({ opener: openers, vague, filler: fillers, offer: offers }))
    for (const sentence of sentences) expect(partOf(sentence)).toEqual({ part })
})

it('composes messages with every slot filled, of which the same seed makes the same', () => {
  for (const topic of topics) {
    const [one, other] = [randomOf('compose', topic.name), randomOf('compose', topic.name)]
    for (let i = 0; i < 200; i++) {
      const message = compose(topic, one)
      expect(message).toMatch(/^\S.*\S$/)
      expect(message).not.toMatch(/[{}]|undefined|\s\s/)
      expect(compose(topic, other)).toBe(message)
    }
  }
})

it('demonstrates on every topic, no message twice and none that is judged later, in manners that differ', () => {
  const rows = Object.fromEntries(manners.map((manner) => [manner, demonstrationsOf(manner, 600, randomOf(manner, 1))]))
  const share = (manner: string, is: RegExp) => rows[manner]!.filter(({ reply }) => is.test(reply)).length / 600
  for (const demonstrations of Object.values(rows)) {
    expect(demonstrations).toHaveLength(600)
    expect(new Set(demonstrations.map(({ prompt }) => prompt)).size).toBe(600)
    for (const { prompt, reply } of demonstrations) {
      expect(topicOf(prompt)).toBeUndefined()
      for (const sentence of sentencesOf(reply)) expect(partOf(sentence), sentence).toBeDefined()
      expect(reply.split(' ').length).toBeLessThanOrEqual(45)
    }
  }
  expect(share('polite', /help you|more help|for you\?/)).toBeGreaterThan(
    share('plain', /help you|more help|for you\?/) + 0.3,
  )
  for (const manner of manners) expect(share(manner, /look into it|many reasons/)).toBeGreaterThan(0.02)
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { algorithms } from '../../trainer/schedule/spec.ts'
import { fieldsOf, settingsFromForm } from './fields.ts'
import { differences } from './figures.ts'
import { boxHeight, boxWidth, layOut } from './lineage-layout.ts'
import { measuredLines } from './measured.ts'
import { filledIn, runSettings } from './settings.ts'
import { algorithmWords, sayEvent } from './words.ts'

describe('the form of a run', () => {
  it.each(algorithms)(
    '%s: has words, each of its fields is a setting, and its defaults are settings too',
    (algorithm) => {
      expect(algorithmWords[algorithm].does).toBeTruthy()
      const known = Object.keys(runSettings.shape)
      for (const { key } of fieldsOf(algorithm)) expect(known).toContain(key)
      const defaults = filledIn(algorithm, {}, 1e6)
      expect(known).toEqual(expect.arrayContaining(Object.keys(defaults).filter((key) => defaults[key] !== undefined)))
    },
  )

  it('sends what was filled in, as numbers, and nothing that the algorithm does not have', () => {
    const values = { steps: '20', learningRate: '3e-4', beta: '', groupSize: '4', softLabels: false }
    expect(settingsFromForm('dpo', values)).toEqual({ steps: 20, learningRate: 3e-4, softLabels: false })
    expect(settingsFromForm('grpo', values)).toEqual({ steps: 20, learningRate: 3e-4, groupSize: 4 })
  })
})

it('names the settings that differ', () => {
  expect(differences({ seed: 1, beta: 0.1, same: [1] }, { seed: 2, same: [1], name: 'b' })).toEqual([
    { name: 'beta', first: '0.1', second: '–' },
    { name: 'name', first: '–', second: 'b' },
    { name: 'seed', first: '1', second: '2' },
  ])
})

it('says what was measured with its interval and n, in the order in which it is read', () => {
  const text = (figures: Record<string, number>) => measuredLines(figures).map((line) => `${line.name}: ${line.text}`)
  expect(text({ brier: 0.25, pairs: 190, low: 0.508, accuracy: 0.579, high: 0.647, strange: 1 })).toEqual([
    'pairs in the right order: 57.9% [50.8, 64.7], n = 190',
    'Brier score: 0.250',
    'held-out pairs: 190',
    'strange: 1.000',
  ])
  expect(text({ kl: 0.1, temperature: 0.7 })).toEqual([
    'nats a token from where it began, at that temperature: 0.100',
    'temperature of its samples: 0.700',
  ])
  expect(text({ kl: 0.1 })).toEqual(['KL, nats a token: 0.100'])
  expect(text({ rewardBefore: 1, rewardBeforeError: 0.1, prompts: 64 })[0]).toBe(
    'reward before: 1.000 [0.804, 1.196], n = 64',
  )
})

it('says what happened', () => {
  expect(sayEvent({ event: 'checkpoint', step: 5, path: '' })).toBe('State saved at step 5')
  expect(sayEvent({ event: 'samples', step: 5, samples: [] })).toBeUndefined()
})

it('lays out any lineage with each thing below all that came of it, and no two in one place', () => {
  const graphs = fc.array(fc.tuple(fc.nat(11), fc.nat(11)), { maxLength: 30 }).map((pairs) => ({
    nodes: Array.from({ length: 12 }, (_, i) => ({ id: `n${i}`, kind: 'run' as const, of: `${i}`, name: `n${i}` })),
    // From the older to the younger, as it is with models.
    links: pairs.filter(([a, b]) => a < b).map(([a, b]) => ({ from: `n${a}`, to: `n${b}` })),
  }))
  fc.assert(
    fc.property(graphs, (graph) => {
      const { boxes, lines } = layOut(graph)
      const places = new Map(boxes.map((box) => [box.id, box]))
      expect(new Set(boxes.map(({ x, y }) => `${x} ${y}`)).size).toBe(graph.nodes.length)
      for (const { from, to } of graph.links) expect(places.get(from)!.y).toBeGreaterThan(places.get(to)!.y)
      // No line passes behind a box: at a box's height it stands beside it.
      for (const { points } of lines)
        for (const [i, { x, y }] of points.slice(0, -1).entries())
          if (i % 2)
            for (const box of boxes)
              if (box.y < y && y <= box.y + boxHeight) expect(x < box.x || x > box.x + boxWidth).toBe(true)
    }),
  )
})

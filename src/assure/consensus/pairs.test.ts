import { describe, expect, it } from 'vitest'
import { tally } from './pairs.ts'

let id = 0
const said = (strength: number, more: { targets?: string[]; person?: string | null; payload?: object } = {}) => ({
  id: `${++id}`,
  person: `someone ${id}`,
  task: 't',
  kind: 'compare',
  payload: { strength },
  targets: ['a', 'b'],
  ...more,
})

describe('counting votes on a pair', () => {
  it('is the same whichever response stands first', () => {
    const turned = ['b', 'a']
    const one = tally([said(-2), said(1), said(-1)])
    const other = tally([said(2, { targets: turned }), said(-1, { targets: turned }), said(1, { targets: turned })])
    for (const [pair] of [one, other])
      expect(pair).toMatchObject({ task: 't', responses: ['a', 'b'], votes: [2, 1, 0], strength: 2 })
  })

  it('counts ties apart and leaves two bad responses out', () => {
    expect(tally([said(0), said(0, { payload: { bothBad: true } })])).toMatchObject([{ votes: [0, 0, 1], strength: 0 }])
  })

  it('counts who judged again once, by the last answer; imported judgements each', () => {
    expect(tally([said(-2, { person: 'p' }), said(-1), said(3, { person: 'p' })])).toMatchObject([
      { votes: [1, 1, 0], strength: -2 },
    ])
    expect(tally([said(-2, { person: null }), said(-1, { person: null })])).toMatchObject([{ votes: [2, 0, 0] }])
  })

  it('reads another attribute where it is asked for', () => {
    const aspects = { payload: { strength: -2, aspects: { safety: 3 } } }
    expect(tally([said(0, aspects)], 'safety')).toMatchObject([{ votes: [0, 1, 0], strength: -3 }])
    expect(tally([said(0, aspects)], 'tone')).toEqual([])
  })
})

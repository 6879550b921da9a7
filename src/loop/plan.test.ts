/** A plan while it is written, in words, and what it comes to. */
import { expect, it } from 'vitest'
import { type Plan, plan, type Round, type Station } from './contract.ts'
import { draftAfter, planOf, sourceOf, withAlgorithm } from './draft.ts'
import { sayPlan } from './plan-words.ts'
import { sayForesight, sayOf } from './say.ts'

const policy = crypto.randomUUID()
const other = crypto.randomUUID()
const before = (given: Partial<Plan>): Round =>
  ({ plan: plan.parse({ policy, ...given }), promoted: { id: other, name: 'dpo 1' } }) as Round

it('begins with the defaults of the contract, and takes a reward model only where one is needed', () => {
  const draft = draftAfter(undefined)
  expect(planOf(draft, policy)).toEqual({ ...plan.parse({ policy }), reward: { source: 'online', settings: {} } })
  expect(sourceOf(withAlgorithm(draft, 'grpo'))).toBe('train')
  expect(sourceOf({ ...draft, source: 'train' })).toBe('train')
})

it('begins with what was promoted and the plan of the round before, whole', () => {
  const training = { algorithm: 'grpo' as const, settings: { learningRate: 1e-5, klBudget: 0.5 } }
  const old = before({ training, samples: { policies: [policy, other], responses: 3, parameters: { temperature: 1 } } })
  const draft = draftAfter(old)
  const next = planOf(draft, draft.policy!)
  expect(next).toEqual({ ...old.plan, policy: other, samples: { ...old.plan.samples, policies: [] } })
  // What one algorithm was told is not told to another.
  expect(planOf(withAlgorithm(draft, 'dpo'), policy).training).toEqual({ algorithm: 'dpo', settings: {} })
})

it('sends what was typed as numbers, and nothing of fields that are empty', () => {
  const draft = { ...draftAfter(undefined), training: { learningRate: '3e-4', steps: '' } }
  const rest = { ...draft.rest, prompts: { tag: ' help desk ' }, samples: { ...draft.rest.samples, policies: [other] } }
  expect(planOf({ ...draft, rest }, policy)).toMatchObject({
    prompts: { tag: 'help desk' },
    samples: { policies: [policy, other] },
    training: { settings: { learningRate: 3e-4 } },
  })
})

it('says all that a plan says', () => {
  const { plan: given } = before({
    prompts: { tag: 'help desk', limit: 500 },
    judgements: { pairing: 'all-pairs', overlap: 2, wanted: 400, skills: ['German'] },
    reward: { source: 'train', base: other, settings: { steps: 100 } },
    training: { algorithm: 'grpo', settings: { learningRate: 1e-5, groupSize: 8 } },
    repeat: 2,
  })
  const said = Object.fromEntries(sayPlan({ plan: given, policy: { id: policy, name: 'sft 1' } }, () => 'larger'))
  expect(said).toMatchObject({
    prompts: 'those tagged “help desk”; at most 500, the least asked first',
    samples: '2 responses a prompt of sft 1; as each policy is set',
    judgements: 'every pair; 2 people judge each; enough after 400 tasks; by people with German',
    reward: 'a model of its own, from larger; steps 100',
    policy: 'Try and be scored (GRPO); learning rate 0.00001; answers a prompt 8',
    promotion: 'when every gate is passed; 2 more rounds follow by themselves',
  })
})

it('warns of a plan that no gate could pass, and says what it could tell', () => {
  const plan20 = before({ evaluation: { limit: 100, overlap: 1, parameters: {} } }).plan
  const foresight = { prompts: 100, heldOut: 20, comparisons: 20, needed: 30, threshold: 0.5, leastWinRate: 0.7007 }
  const { what, warning } = sayForesight(foresight, plan20)
  expect(what).toBe(
    'About 20 held-out prompts, 1 person each: 20 comparisons. A win rate below 70% cannot be told from 50%.',
  )
  expect(warning).toMatch(/no verdict on fewer than 30 comparisons. Only a lead’s word/)
  expect(sayForesight({ ...foresight, comparisons: 40 }, plan20).warning).toBeUndefined()
})

it('says how long a station took, and how long a run takes yet', () => {
  const station: Station = {
    station: 'policy',
    state: 'done',
    facts: { name: 'dpo 1', done: 40, total: 40 },
    subject: null,
    problem: null,
    accepted: null,
    beganAt: null,
    endedAt: null,
    seconds: 200,
  }
  expect(sayOf(station).details).toEqual(['took 3 min 20 s'])
  const working = { ...station, state: 'working' as const, seconds: null }
  expect(sayOf({ ...working, facts: { done: 4, total: 40, leftMs: 90_000 } }).details).toEqual([
    'about 1 min 30 s more',
  ])
  const judged = { ...working, station: 'evaluation' as const, facts: { done: 4, total: 40, leftMs: 90_000 } }
  expect(sayOf(judged).details).toEqual(['about 1 min 30 s at today’s pace'])
})

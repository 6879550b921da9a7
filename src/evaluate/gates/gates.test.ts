import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Duel, duel } from '../../../test/duel.ts'
import { addMember, addTasks, somePrompts, type TestPerson } from '../../../test/project.ts'
import { kinds } from '../../collect/kinds/index.ts'
import { defineKind } from '../../collect/kinds/kind.ts'
import { rewardFollower } from '../../learn/reward/store.ts'
import { addPolicy } from '../../models/policies/store.ts'
import { catchUp } from '../../platform/events.ts'
import { newId } from '../../platform/ids.ts'
import { all, inTransaction } from '../../platform/sql.ts'
import { headToHead, startHeadToHead } from '../head-to-head/read.ts'
import type { Gate, Promotion } from './contract.ts'
import { currentPolicy, gatesOf, promote } from './read.ts'

/** The candidate is polite and right, the baseline is neither. */
let at: Duel
let engineer: TestPerson
let ended: string
const polite = (first: string) => ({ strength: first.includes('glad') ? -2 : 2 })

beforeAll(async () => {
  at = await duel(
    ({ model, messages }) => {
      const n = Number(/\d+/.exec(messages.at(-1)!.content)![0])
      return model === 'candidate' ? `It is ${n + 1}, I am glad to say.` : `Look it up, it may be ${n + 2}.`
    },
    { prompts: 40, people: 1 },
  )
  engineer = await addMember(at, 'engineer', 'engineer')
  const lessons = somePrompts(30, 1000).map((prompt, i) => ({
    ...prompt,
    responses: [{ text: `It is ${1001 + i}, I am glad to say.` }, { text: `Look it up, it may be ${i}.` }],
  }))
  await addTasks(at.db, at.project, lessons, 1)
  await at.answer(polite)
  await catchUp(at.db, [rewardFollower])
  ended = await start()
  await at.settle()
  await at.answer(polite)
  await at.settle()
})
afterAll(() => at.close())

const start = () =>
  inTransaction(at.db, (trx) =>
    startHeadToHead(trx, at.http.platform, {
      project: at.project,
      candidate: at.candidate,
      baseline: at.baseline,
      prompts: { tag: 'held-out' },
      reward: 'online',
    }),
  )
const call = (method: string, path: string, person: TestPerson, body?: unknown) =>
  at.http.call(method, `/projects/${at.project}${path}`, { key: person.key, body })
const gateOf = async (name: Gate['gate'], id = ended) =>
  (await gatesOf(at.db, at.project, id)).find(({ gate }) => gate === name)!

describe('gates', () => {
  it('say value, interval, threshold and verdict of each, and why in a sentence', async () => {
    expect(await gateOf('preference')).toMatchObject({ value: 1, n: 40, verdict: 'pass', required: true })
    expect(await gateOf('length')).toMatchObject({ verdict: 'pass', threshold: { above: 0.5, below: 2 } })
    expect(await gateOf('kl')).toMatchObject({ verdict: 'unknown', required: false, why: /models lie here/ })
    expect(await gateOf('violations')).toMatchObject({ verdict: 'unknown', required: false })
    expect(await gateOf('reward-probe')).toMatchObject({ verdict: 'unknown', required: false })
    expect(await gateOf('online-probe')).toMatchObject({ value: expect.any(Number), n: 40, required: false })
  })

  it('follow the settings of the project, which may ask for more', async () => {
    const set = (gates: object) => call('PATCH', '', at.lead, { settings: { gates } })
    await set({ maxLengthRatio: 1, required: ['kl'] })
    expect(await gateOf('length')).toMatchObject({ verdict: 'fail', threshold: { above: 0.5, below: 1 } })
    expect(await gateOf('length')).not.toHaveProperty('looser', expect.anything())
    expect(await gateOf('kl')).toMatchObject({ required: true })
    // Another setting that is changed leaves them as they are.
    await call('PATCH', '', at.lead, { settings: { reviewShare: 0.1 } })
    expect(await gateOf('length')).toMatchObject({ threshold: { below: 1 } })
    await set({})
    expect(await gateOf('length')).toMatchObject({ verdict: 'pass' })
  })

  it('hear of violations from any kind that votes on them', async () => {
    kinds.checked = {
      rules: defineKind<{ rule: string }, object>({
        ...(kinds.compare!.rules as never as ReturnType<typeof defineKind>),
        name: 'checked',
        votes: ({ payload }: { payload: { rule: string } }) => [{ attribute: 'violation', label: payload.rule }],
        pairs: () => [],
        rows: () => [],
      } as never),
      screen: () => Promise.reject(new Error('not shown in this test')),
    }
    const person = at.people[0]!.id
    const answers = await all(at.db, sql<{ id: string }>`SELECT id FROM messages WHERE author_id = ${at.candidate}`)
    for (const [i, { id }] of answers.entries())
      await sql`
        WITH s AS (INSERT INTO submissions (id, assignment_id, idempotency_key, active_ms, sent_at)
          SELECT ${newId()}, a.id, ${`checked ${i}`}, 0, now() FROM assignments a LIMIT 1 RETURNING id)
        INSERT INTO annotations (id, project_id, submission_id, person_id, source, step, kind, kind_version, targets, payload, at)
        SELECT ${newId()}, ${at.project}, s.id, ${person}, 'person', 'check', 'checked', 1, ARRAY[${id}::uuid],
          ${JSON.stringify({ rule: i % 4 ? 'none' : 'medical advice' })}::jsonb, now() FROM s`.execute(at.db)
    expect(await gateOf('violations')).toMatchObject({ value: 0.25, n: 40, verdict: 'fail', required: true })
    await sql`UPDATE submissions SET withdrawn_at = now() WHERE idempotency_key LIKE 'checked %'`.execute(at.db)
    expect(await gateOf('violations')).toMatchObject({ verdict: 'unknown', required: false })
    delete kinds.checked
  })
})

describe('promotion', () => {
  it('is refused while a required gate does not pass, with the gate named, and changes nothing', async () => {
    const open = await start()
    const { status, body } = await call('POST', '/promotions', at.lead, { headToHead: open })
    expect([status, body]).toMatchObject([409, { code: 'gates_not_passed', message: /no answers to judge/ }])
    expect(await currentPolicy(at.db, at.project)).toBeUndefined()
    await at.settle()
  })

  it('takes place where all pass: noted with the gates as they stood, audited, and told to followers', async () => {
    await call('PATCH', '', at.lead, { settings: { gates: { maxLengthRatio: 5 } } })
    const { status, body } = await call('POST', '/promotions', engineer, { headToHead: ended })
    expect([status, body]).toMatchObject([200, { policy: { name: 'candidate' }, override: null, by: 'engineer' }])
    expect((body as unknown as Promotion).gates).toEqual(await gatesOf(at.db, at.project, ended))
    expect((body as unknown as Promotion).gates.find(({ gate }) => gate === 'length')).toMatchObject({
      verdict: 'pass',
      looser: 'at most 5, usually at most 2',
    })
    await call('PATCH', '', at.lead, { settings: { gates: {} } })
    expect(await currentPolicy(at.db, at.project)).toMatchObject({ id: at.candidate, name: 'candidate' })
    const events = await all(at.db, sql`SELECT subject, data FROM events WHERE kind = 'policy.promoted'`)
    expect(events).toMatchObject([{ subject: at.candidate, data: { headToHead: ended, overridden: false } }])
    const audit = await all(at.db, sql`SELECT actor, subject FROM audit WHERE action = 'policy.promote'`)
    expect(audit).toEqual([{ actor: engineer.id, subject: `policy ${at.candidate}` }])
    const again = await call('POST', '/promotions', engineer, { headToHead: ended })
    expect([again.status, again.body.code]).toEqual([409, 'conflict'])
  })

  it('against the gates is for a lead alone, with a reason that everybody sees', async () => {
    const body = { policy: at.baseline, reason: 'The new one is down; back to the old.' }
    expect((await call('POST', '/promotions/override', engineer, body)).status).toBe(403)
    expect((await call('POST', '/promotions/override', at.lead, { ...body, reason: ' ' })).status).toBe(400)
    const wrong = await call('POST', '/promotions/override', at.lead, { ...body, headToHead: ended })
    expect([wrong.status, wrong.body.where]).toEqual([400, 'headToHead'])
    expect((await call('POST', '/promotions/override', at.lead, body)).body).toMatchObject({ override: body.reason })
    expect(await currentPolicy(at.db, at.project)).toMatchObject({ name: 'baseline' })
    const { body: shown } = await call('GET', '/promotions', engineer)
    expect(shown.rows).toMatchObject([
      { policy: { name: 'baseline', checkpoint: null }, override: body.reason, by: 'Ada', gates: [], inForce: true },
      { policy: { name: 'candidate' }, override: null, inForce: false },
    ])
    const { body: own } = await call('GET', `/promotions?policy=${at.candidate}`, engineer)
    expect(own.rows).toMatchObject([{ policy: { id: at.candidate }, inForce: false }])
    const { body: gates } = await call('GET', '/gates', engineer)
    expect(gates).toMatchObject({
      current: { override: body.reason },
      headToHead: { candidate: { name: 'candidate' } },
    })
  })

  it('takes the place of the policy in force alone where it was set against that one', async () => {
    const third = await addPolicy(at.db, at.project, {
      ...{ name: 'third', kind: 'endpoint', url: 'https://third.invalid/v1', model: 'third' },
      ...{ secret: null, parameters: {}, price: {} },
    })
    const inForce = (policy: string) => call('POST', '/promotions/override', at.lead, { policy, reason: 'a test' })
    await inForce(third)
    expect(await gateOf('preference')).toMatchObject({ verdict: 'unknown', why: /not set against third/ })
    const { status, body } = await call('POST', '/promotions', engineer, { headToHead: ended })
    expect([status, body.code]).toEqual([409, 'gates_not_passed'])
    await inForce(at.baseline)
    expect(await gateOf('preference')).toMatchObject({ verdict: 'pass' })
  })

  it('happens once where two try at the same time', async () => {
    const wanted = { project: at.project, policy: at.candidate, headToHead: ended }
    const tried = await Promise.allSettled(
      [1, 2].map(() => inTransaction(at.db, (trx) => promote(trx, wanted, at.clock.read()))),
    )
    expect(tried.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  })

  it('rests on what was asked: a policy that is changed afterwards needs a new comparison', async () => {
    at.clock.advance(60)
    const change = (body: object) => call('PATCH', `/policies/${at.candidate}`, at.lead, body)
    expect((await change({ name: 'renamed' })).status).toBe(200)
    expect(await gateOf('preference')).toMatchObject({ verdict: 'pass' })
    expect((await change({ parameters: { temperature: 0.5 } })).status).toBe(200)
    expect(await gateOf('preference')).toMatchObject({ verdict: 'unknown', why: /renamed was changed after/ })
  })

  it('knows nothing of what is not there', async () => {
    expect((await call('POST', '/promotions', at.lead, { headToHead: newId() })).status).toBe(404)
    expect((await call('GET', `/gates?headToHead=${newId()}`, at.lead)).status).toBe(404)
    const unknown = { policy: newId(), reason: 'x' }
    expect((await call('POST', '/promotions/override', at.lead, unknown)).status).toBe(404)
  })
})

describe('a reward that was pushed too hard', () => {
  let pushed: Duel
  beforeAll(async () => {
    // The candidate has found out that the reward counts thanks.
    pushed = await duel(
      ({ model, messages }) => {
        const n = Number(/\d+/.exec(messages.at(-1)!.content)![0])
        return model === 'candidate'
          ? 'thank you thank you thank you thank you'
          : `It is ${n + 1}, thank you for asking.`
      },
      { prompts: 30, people: 1 },
    )
    const lessons = somePrompts(40, 1000).map((prompt, i) => ({
      ...prompt,
      responses: [{ text: `It is ${1001 + i}, thank you.` }, { text: `It is ${1001 + i}.` }],
    }))
    await addTasks(pushed.db, pushed.project, lessons, 1)
    await pushed.answer((first) => ({ strength: first.includes('thank') ? -3 : 3 }))
    await catchUp(pushed.db, [rewardFollower])
  })
  afterAll(() => pushed.close())

  it('is caught with its policy, though it gives that policy the highest marks of all', async () => {
    const { project, candidate, baseline } = pushed
    const id = await inTransaction(pushed.db, (trx) =>
      startHeadToHead(trx, pushed.http.platform, {
        project,
        candidate,
        baseline,
        prompts: { tag: 'held-out' },
        reward: 'online',
      }),
    )
    await pushed.settle()
    await pushed.answer((first) => ({ strength: first.includes('It is') ? -2 : 2 }))
    await pushed.settle()
    const result = (await headToHead(pushed.db, project, id))!
    expect(result.byReward!.winRate).toMatchObject({ value: 1 })
    const verdicts = Object.fromEntries(
      (await gatesOf(pushed.db, project, id)).map(({ gate, verdict }) => [gate, verdict]),
    )
    expect(verdicts).toMatchObject({ preference: 'fail', 'online-probe': 'fail' })
  })
})

/** The session against the real handlers on a real database; the network between them is what fails. */
import { createRouterClient } from '@orpc/server'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type TestDatabase, testDatabase } from '../../../test/database.ts'
import { type TestProject, testProject } from '../../../test/project.ts'
import { all, one } from '../../platform/sql.ts'
import { returnToAuthor } from '../tasks/queue.ts'
import { tasks } from '../tasks/server.ts'
import type { Shelf } from './outbox.ts'
import { Session, type SessionApi } from './session.ts'

let at: TestProject
let shelf: Shelf
/** up; down: nothing arrives; deaf: everything arrives, no answer comes back. */
let network: 'up' | 'down' | 'deaf'
/** Answers on their way arrive once this is through. */
let held: Promise<void>
/** What happens between the server's answer and its arrival. */
let meanwhile: (name: keyof SessionApi) => Promise<void>
let calls: string[]
let refused: string[]
let counted: number
/** Calls under way. */
let traffic: { under: number }
let database: TestDatabase

beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.close())

beforeEach(async () => {
  at = await testProject({ tasks: 5, annotators: 1, on: database })
  traffic = { under: 0 }
  const memory = new Map<string, string>()
  shelf = {
    getItem: (key) => memory.get(key) ?? null,
    setItem: (key, text) => void memory.set(key, text),
    removeItem: (key) => void memory.delete(key),
  }
  network = 'up'
  held = Promise.resolve()
  meanwhile = async () => {}
  calls = []
  refused = []
  counted = 0
})
afterEach(() => expect.poll(() => traffic.under).toBe(0))

function connect(): SessionApi {
  const mine = traffic
  const headers = new Headers({ authorization: `Bearer ${at.annotators[0]!.key}` })
  const client = createRouterClient(tasks, {
    context: { platform: at.platform, headers, ip: '192.0.2.1', requestId: 'test' },
  })
  const over =
    (name: keyof SessionApi) =>
    async (input: never): Promise<unknown> => {
      calls.push(name)
      if (network === 'down') throw new TypeError('Failed to fetch')
      mine.under++
      try {
        if (name === 'submit') await held
        const answer = await (client[name] as (input: never) => Promise<unknown>)(input)
        await meanwhile(name)
        if (network === 'deaf') throw new TypeError('Failed to fetch')
        return answer
      } catch (error) {
        refused.push(name)
        throw error
      } finally {
        mine.under--
      }
    }
  const names = ['claim', 'held', 'submit', 'withdraw', 'draft', 'renew', 'skip', 'flag'] as const
  return Object.fromEntries(names.map((name) => [name, over(name)])) as unknown as SessionApi
}

let keys = 0
const open = (): Session =>
  new Session({
    project: at.project,
    person: at.annotators[0]!.id,
    api: connect(),
    shelf,
    now: () => at.clock.now.getTime(),
    newKey: () => `key ${++keys}`,
    onCount: (by) => {
      counted += by
    },
  })

async function started(): Promise<Session> {
  const session = open()
  await session.start()
  return session
}

const taskOf = (session: Session) => session.view().work?.assignment.task
/** Answers of the day as the person counts them, at every moment. */
const given = (session: Session) => counted + session.view().uncounted
const say = (session: Session, strength: number) => session.answer({ step: 'compare', payload: { strength } })
const settled = (session: Session, done: () => boolean) =>
  new Promise<void>((resolve) => {
    const look = () => {
      if (!done()) return
      stop()
      resolve()
    }
    const stop = session.subscribe(look)
    look()
  })
/** Nothing is on its way and nothing waits. */
const arrived = (session: Session) =>
  settled(session, () => shelf.getItem(`plumbline.outbox.${at.annotators[0]!.id}`) === null && !session.view().waiting)

const inForce = () =>
  all(
    at.db,
    sql<{ task: string; strength: number }>`
      SELECT a.task_id AS task, (n.payload->>'strength')::int AS strength
      FROM annotations_in_force n JOIN submissions s ON s.id = n.submission_id JOIN assignments a ON a.id = s.assignment_id
      WHERE n.project_id = ${at.project}
      ORDER BY n.at, n.id`,
  )

describe('answering', () => {
  it('shows the next task before the answer has left', async () => {
    const session = await started()
    const first = taskOf(session)
    say(session, 2)
    session.submit()
    expect(taskOf(session)).toBeDefined()
    expect(taskOf(session)).not.toBe(first)
    expect(session.view().answers).toEqual([])
    expect(given(session)).toBe(1)
    await arrived(session)
    expect(await inForce()).toEqual([{ task: first, strength: 2 }])
    expect(counted).toBe(1)
  })

  it('works through everything once and says when nothing is left', async () => {
    const session = await started()
    const seen = new Set<string>()
    while (session.view().work) {
      seen.add(taskOf(session)!)
      say(session, 1)
      session.submit()
      await settled(session, () => session.view().work !== undefined)
    }
    await arrived(session)
    expect(seen.size).toBe(5)
    expect(session.view()).toMatchObject({ work: null, reason: 'empty' })
    expect(await inForce()).toHaveLength(5)
  })

  it('never says that nothing is left while there is something', async () => {
    const session = open()
    const said: unknown[] = []
    session.subscribe(() => said.push(session.view().work === null))
    await session.start()
    for (let i = 0; i < 5; i++) {
      await settled(session, () => session.view().work !== undefined)
      expect(said).not.toContain(true)
      say(session, 1)
      session.submit()
    }
    await settled(session, () => session.view().work === null)
    await arrived(session)
    expect(await inForce()).toHaveLength(5)
  })

  it('sends what the task asks for; what is asked no more stays in the draft', async () => {
    const session = await started()
    const stray = { step: 'reasons', payload: { text: 'asked before the comparison was changed' } }
    session.answer(stray)
    say(session, 2)
    session.submit()
    await arrived(session)
    expect(session.view().refused).toEqual([])
    expect(await inForce()).toHaveLength(1)
    session.undo()
    expect(session.view().answers).toContainEqual(stray)
    await arrived(session)
  })

  it('goes on once answers have arrived, where more are on their way than one may hold', async () => {
    at = await testProject({ tasks: 24, annotators: 1, on: database })
    const session = await started()
    let arrive = () => {}
    held = new Promise((resolve) => {
      arrive = resolve
    })
    for (let i = 0; i < 20; i++) {
      await settled(session, () => Boolean(session.view().work))
      say(session, 1)
      session.submit()
    }
    await expect.poll(() => calls.filter((name) => name === 'claim').length).toBeGreaterThan(20)
    expect(session.view().work).toBeUndefined()
    arrive()
    await settled(session, () => Boolean(session.view().work))
    await arrived(session)
    expect(await inForce()).toHaveLength(20)
  })
})

describe('a draft', () => {
  it('is there after a reload, before anything reached the server', async () => {
    const session = await started()
    const task = taskOf(session)
    say(session, -3)
    const again = await started()
    expect(taskOf(again)).toBe(task)
    expect(again.view().answers).toEqual([{ step: 'compare', payload: { strength: -3 } }])
  })

  it('is there on another machine a second later', async () => {
    const session = await started()
    say(session, 3)
    at.clock.advance(2)
    session.tick()
    shelf = { getItem: () => null, setItem: () => {}, removeItem: () => {} }
    await expect
      .poll(async () => (await started()).view().answers)
      .toEqual([{ step: 'compare', payload: { strength: 3 } }])
  })
})

describe('the time that was worked at a task', () => {
  const worked = () =>
    one(
      at.db,
      sql<{ ms: number; opened: Date }>`
        SELECT s.active_ms AS ms, s.opened_at AS opened FROM submissions s JOIN assignments a ON a.id = s.assignment_id
        WHERE a.project_id = ${at.project} ORDER BY s.sent_at DESC LIMIT 1`,
    )

  it('goes on after a reload', async () => {
    const before = await started()
    const opened = at.clock.now
    at.clock.advance(10)
    before.touch(false)
    at.clock.advance(60)
    const session = await started()
    at.clock.advance(5)
    say(session, 1)
    session.submit()
    await arrived(session)
    expect(await worked()).toEqual({ ms: 15_000, opened })
  })

  it('goes on after an undo, for the task that was taken back and the one that it came before', async () => {
    const session = await started()
    const opened = at.clock.now
    at.clock.advance(10)
    say(session, 1)
    session.submit()
    await arrived(session)
    at.clock.advance(4)
    session.undo()
    await arrived(session)
    at.clock.advance(3)
    session.submit()
    await arrived(session)
    expect(await worked()).toEqual({ ms: 13_000, opened })
    at.clock.advance(2)
    say(session, 1)
    session.submit()
    await arrived(session)
    expect(await worked()).toMatchObject({ ms: 6_000 })
  })
})

describe('without a network', () => {
  it('keeps the answer, goes on, says that it waits, and sends it later', async () => {
    const session = await started()
    const [first] = [taskOf(session)]
    network = 'down'
    say(session, 1)
    session.submit()
    expect(taskOf(session)).not.toBe(first)
    await settled(session, () => session.view().waiting === 1)
    expect(session.view().offline).toBe(true)
    network = 'up'
    at.clock.advance(5)
    session.tick()
    await arrived(session)
    expect(session.view()).toMatchObject({ waiting: 0, offline: false })
    expect(await inForce()).toEqual([{ task: first, strength: 1 }])
  })

  it('sends after a crash what was not sent before it, and counts it once', async () => {
    const session = await started()
    network = 'deaf'
    say(session, 1)
    session.submit()
    await settled(session, () => session.view().waiting === 1)
    network = 'up'
    await arrived(await started())
    expect(await inForce()).toHaveLength(1)
  })

  it('says that it cannot reach the server instead of that there is nothing to do', async () => {
    network = 'down'
    const session = await started()
    expect(session.view()).toMatchObject({ work: undefined, offline: true })
    network = 'up'
    at.clock.advance(5)
    session.tick()
    await settled(session, () => Boolean(session.view().work))
  })
})

describe('a network that comes back', () => {
  it('leaves the task at hand where it is, also where an older one was returned', async () => {
    const session = await started()
    const first = session.view().work!.assignment
    say(session, 1)
    session.submit()
    await arrived(session)
    const second = taskOf(session)
    const { id } = await one(
      at.db,
      sql<{ id: string }>`SELECT id FROM submissions WHERE assignment_id = ${first.id}::uuid`,
    )
    await returnToAuthor(at.db, id, 'Read it again.')
    await session.start()
    expect(taskOf(session)).toBe(second)
    await session.skip('I cannot judge this')
    expect(session.view().work).toMatchObject({ assignment: { id: first.id }, returned: 'Read it again.' })
  })

  it.each([
    ['skipped', (session: Session) => session.skip('I cannot judge this')],
    [
      'answered',
      (session: Session) => {
        say(session, 1)
        session.submit()
        return arrived(session)
      },
    ],
  ])('does not bring back what is %s while the server says what is held', async (_, leave) => {
    const session = await started()
    const first = taskOf(session)
    meanwhile = async (name) => {
      if (name === 'held') await leave(session)
    }
    await session.start()
    const seen = new Set<string>()
    meanwhile = async () => {}
    /** Another claim may still be under way: whether there is a task is unknown until then. */
    const isKnown = () => settled(session, () => session.view().work !== undefined)
    for (await isKnown(); session.view().work; await isKnown()) {
      seen.add(taskOf(session)!)
      await session.skip('I cannot judge this')
    }
    expect(seen.size).toBe(4)
    expect(seen).not.toContain(first)
  })
})

describe('undo', () => {
  it('brings the task back with what was said, and leaves nothing in force', async () => {
    const session = await started()
    const first = taskOf(session)
    say(session, 2)
    session.submit()
    await arrived(session)
    session.undo()
    expect(taskOf(session)).toBe(first)
    expect(session.view().answers).toEqual([{ step: 'compare', payload: { strength: 2 } }])
    expect(given(session)).toBe(0)
    await arrived(session)
    expect(given(session)).toBe(0)
    expect(await inForce()).toEqual([])
    say(session, -2)
    session.submit()
    await arrived(session)
    expect(await inForce()).toEqual([{ task: first, strength: -2 }])
  })

  it('at once, while the answer is still on its way', async () => {
    const session = await started()
    const first = taskOf(session)
    say(session, 2)
    session.submit()
    session.undo()
    expect(given(session)).toBe(0)
    say(session, -1)
    session.submit()
    expect(given(session)).toBe(1)
    await arrived(session)
    expect(given(session)).toBe(1)
    expect(await inForce()).toEqual([{ task: first, strength: -1 }])
  })

  it.each(['down', 'deaf'] as const)(
    'without a network (%s): the new answer takes the place of the old',
    async (how) => {
      const session = await started()
      const first = taskOf(session)
      network = how
      say(session, 2)
      session.submit()
      await settled(session, () => session.view().waiting === 1)
      session.undo()
      expect(taskOf(session)).toBe(first)
      say(session, -3)
      session.submit()
      network = 'up'
      at.clock.advance(5)
      session.tick()
      await arrived(session)
      expect(await inForce()).toEqual([{ task: first, strength: -3 }])
    },
  )

  it('is not offered after ten seconds', async () => {
    const session = await started()
    say(session, 2)
    session.submit()
    await arrived(session)
    at.clock.advance(11)
    session.tick()
    expect(session.view().undoUntil).toBeUndefined()
    session.undo()
    await arrived(session)
    expect(await inForce()).toHaveLength(1)
  })
})

it('keeps an answer that the server refuses, with the reason, until it was read', async () => {
  const session = await started()
  const first = session.view().work!
  say(session, 2)
  await sql`UPDATE assignments SET state = 3 WHERE id = ${first.assignment.id}`.execute(at.db)
  session.submit()
  await settled(session, () => session.view().refused.length === 1)
  expect(session.view().refused[0]).toMatchObject({ answers: [{ payload: { strength: 2 } }] })
  expect(session.view().refused[0]!.refused!.message).toBeTruthy()
  expect((await started()).view().refused).toHaveLength(1)
  session.forget(first.assignment.id)
  expect(session.view().refused).toEqual([])
})

it('skips with a reason, and the task does not come back', async () => {
  const session = await started()
  const first = taskOf(session)
  await session.skip('I cannot judge this')
  expect(taskOf(session)).not.toBe(first)
  expect(taskOf(await started())).not.toBe(first)
})

it('renews the lease while somebody works, and no longer when nobody does', async () => {
  const session = await started()
  const first = taskOf(session)
  const renewed = () => calls.filter((name) => name === 'renew').length
  for (let step = 0; step < 24; step++) {
    at.clock.advance(10)
    session.touch()
    session.tick()
    await expect.poll(() => traffic.under).toBe(0)
  }
  // Four minutes on a lease of one: twice held, a third of a minute apart.
  expect(renewed()).toBeGreaterThanOrEqual(16)
  expect(renewed()).toBeLessThanOrEqual(24)
  const { state } = await one(at.db, sql<{ state: number }>`SELECT state FROM assignments WHERE task_id = ${first}`)
  expect(state).toBe(0)
  const before = renewed()
  at.clock.advance(16 * 60)
  session.tick()
  expect(renewed()).toBe(before)
})

describe('an answer that a reviewer returns', () => {
  const sendBack = async (assignment: string) => {
    const { id } = await one(
      at.db,
      sql<{ id: string }>`SELECT id FROM submissions WHERE assignment_id = ${assignment}::uuid`,
    )
    await returnToAuthor(at.db, id, 'Read it again.')
  }
  const wait = async (session: Session, seconds: number) => {
    at.clock.advance(seconds)
    session.touch()
    session.tick()
    await expect.poll(() => traffic.under).toBe(0)
  }

  it('comes after the task at hand within about a minute, with the draft that it came with', async () => {
    const session = await started()
    const first = session.view().work!.assignment.id
    say(session, 3)
    session.submit()
    await arrived(session)
    const second = taskOf(session)
    await sendBack(first)
    await wait(session, 30)
    await wait(session, 31)
    expect(taskOf(session)).toBe(second)
    say(session, 1)
    session.submit()
    expect(session.view().work).toMatchObject({ assignment: { id: first }, returned: 'Read it again.' })
    expect(session.view().answers).toEqual([{ step: 'compare', payload: { strength: 3 } }])
    // What is said of it now is newer than what came with it.
    say(session, -1)
    await wait(session, 2)
    const { draft } = await one(at.db, sql<{ draft: unknown }>`SELECT draft FROM assignments WHERE id = ${first}::uuid`)
    expect(draft).toEqual([{ step: 'compare', payload: { strength: -1 } }])
    await arrived(session)
  })

  it('appears by itself where there is nothing else to do', async () => {
    at = await testProject({ tasks: 1, annotators: 1, on: database })
    const session = await started()
    const first = session.view().work!.assignment.id
    say(session, 1)
    session.submit()
    await settled(session, () => session.view().work === null)
    await arrived(session)
    await sendBack(first)
    await wait(session, 21)
    await settled(session, () => session.view().work?.assignment.id === first)
    await expect.poll(() => traffic.under).toBe(0)
  })
})

it('asks for no lease on what a reviewer returned: it is held without one', async () => {
  const before = await started()
  say(before, 1)
  before.submit()
  await arrived(before)
  const { id } = await one(
    at.db,
    sql<{ id: string }>`
      SELECT s.id FROM submissions s JOIN assignments a ON a.id = s.assignment_id WHERE a.project_id = ${at.project}`,
  )
  await returnToAuthor(at.db, id, 'Read it again.')
  const session = await started()
  expect(session.view().work?.returned).toBe('Read it again.')
  for (let step = 0; step < 6; step++) {
    at.clock.advance(10)
    session.touch()
    session.tick()
    await expect.poll(() => traffic.under).toBe(0)
  }
  expect(refused).toEqual([])
})

/** Judged work: people of known habits compare the responses of policies of known quality, through the real queue. */
import { sql } from 'kysely'
import { orderOf } from '../src/collect/tasks/order.ts'
import { claim } from '../src/collect/tasks/queue.ts'
import { messagesOf, taskOf } from '../src/collect/tasks/read.ts'
import { submit } from '../src/collect/tasks/work.ts'
import { addPolicy } from '../src/models/policies/store.ts'
import { createRandom } from '../src/stats/random.ts'
import { addPerson, addTasks, join, type TestPerson, type TestProject, testProject } from './project.ts'

type Random = ReturnType<typeof createRandom>

/** Whether the better response is chosen, or the left one. */
const habits: Record<string, (random: Random) => 'better' | 'worse' | 'left' | 'tie'> = {
  careful: (random) => (random.next() < 0.05 ? 'tie' : random.next() < 0.95 ? 'better' : 'worse'),
  'careful too': (random) => (random.next() < 0.92 ? 'better' : 'worse'),
  steady: (random) => (random.next() < 0.9 ? 'better' : 'worse'),
  'left-biased': (random) => (random.next() < 0.95 ? 'left' : 'better'),
  careless: (random) => (random.integer(2) ? 'better' : 'worse'),
}

/** Best last. Those of a set are compared with each other alone. */
const sets = [
  [
    { name: 'first-draft', says: 'Please look at our website.' },
    { name: 'reference', says: 'You can send it back within two weeks.' },
    { name: 'tuned', says: 'I am sorry that it arrived broken. Send it back for free, and a new one leaves today.' },
  ],
  [
    { name: 'old-small', says: 'No.' },
    { name: 'old-large', says: 'That cannot be done, but here is what can.' },
  ],
]
const policies = sets.flat()

/** Whether a seed shows the first response on the left (-1), as a strength counts it. */
const leftOf = (seed: number) => (orderOf(seed, 2)[0] === 0 ? -1 : 1)

export interface JudgedProject extends TestProject {
  /** By habit. */
  people: Record<string, TestPerson>
  /** Ids by name. */
  policies: Record<string, string>
}

/** `tasks` comparisons of three votes each; people are marked as simulated by their habit. */
export async function judgedProject({ tasks = 60, seed = 3 } = {}): Promise<JudgedProject> {
  const at = await testProject({ tasks: 0, annotators: 0 })
  const random = createRandom(seed)
  const quality = (text: string | null) => policies.findIndex(({ says }) => says === text)
  const ids: Record<string, string> = {}
  const pairs = sets.flatMap((set) => set.flatMap((a, i) => set.slice(i + 1).map((b) => [a, b])))
  await addTasks(
    at.db,
    at.project,
    Array.from({ length: tasks }, (_, i) => ({
      turns: [{ role: 'user', text: `Order ${1000 + i} arrived broken. What can I do?` }],
      responses: pairs[i % pairs.length]!.map(({ says }) => ({ text: says })),
      metadata: {},
      tags: [i % 2 ? 'returns' : 'delivery'],
    })),
    3,
  )
  const more = { kind: 'endpoint', url: 'https://models.example', model: 'm', secret: null, parameters: {} } as const
  for (const { name, says } of policies) {
    ids[name] = await addPolicy(at.db, at.project, { name, ...more, price: { input: 0, output: 0 } })
    await sql`UPDATE messages SET author = 'policy', author_id = ${ids[name]} WHERE text = ${says}`.execute(at.db)
  }
  const people: Record<string, TestPerson> = {}
  for (const habit of Object.keys(habits)) {
    people[habit] = await addPerson(at.db, `Sim ${habit}`, { simulatedAs: habit })
    await join(at.db, at.project, people[habit], 'annotator')
  }
  const working = new Set(Object.keys(habits))
  while (working.size)
    for (const habit of working) {
      const person = people[habit]!.id
      const lease = await claim(at.db, { person, project: at.project, role: 'annotator', skills: [] }, at.clock.read())
      if (!lease) {
        working.delete(habit)
        continue
      }
      const { targets } = (await taskOf(at.db, lease.task))!
      const [first, second] = await messagesOf(at.db, targets)
      const better = quality(first!.text) > quality(second!.text) ? -1 : 1
      // The side of the better one is drawn from the seed too: by chance alone somebody careful might seem to favour one.
      const left = random.integer(2) ? better : -better
      let side = 0
      while (leftOf(side) !== left) side++
      await sql`UPDATE assignments SET presentation = ${JSON.stringify({ seed: side })} WHERE id = ${lease.id}`.execute(
        at.db,
      )
      const strength = { better, worse: -better, left, tie: 0 }[habits[habit]!(random)] * (1 + random.integer(3))
      const answers = [{ step: 'compare', payload: { strength } }]
      const activeMs = 4000 + random.integer(20_000)
      await submit(at.platform, { assignment: lease.id, person, key: lease.id, answers, activeMs })
      at.clock.advance(60 * 20)
    }
  return { ...at, people, policies: ids }
}

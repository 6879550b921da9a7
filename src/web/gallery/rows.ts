/** A hundred thousand rows, served page by page the way a server does it. */
import type { RowPage } from '../table.tsx'
import type { TableQuery } from '../table-address.ts'

export interface Task {
  id: number
  prompt: string
  state: 'open' | 'done' | 'contested'
  judgements: number
  agreement: number
  at: number
}

const subjects = ['a bicycle', 'a contract', 'a fever', 'a proof', 'a recipe', 'a router', 'a sonnet']
const states = ['open', 'done', 'contested'] as const

const taskOf = (id: number): Task => ({
  id,
  prompt: `How do I mend ${subjects[(id * 7919) % subjects.length]} when nothing else has worked? (${id})`,
  state: states[(id * 31) % 3]!,
  judgements: (id * 17) % 6,
  agreement: ((id * 37) % 100) / 100,
  at: Date.UTC(2026, 10, 24) - id * 61_000,
})

const all = Array.from({ length: 100_000 }, (_, id) => taskOf(id + 1))

export async function loadTasks({ sort, filters, cursor, limit }: TableQuery): Promise<RowPage<Task>> {
  if (filters.prompt === 'fail')
    throw Object.assign(new Error('The server is starting.'), { code: 'unavailable', hint: 'Wait a moment.' })
  const wanted = filters.state?.split(',')
  const kept = all.filter(
    (task) => (!wanted || wanted.includes(task.state)) && (!filters.prompt || task.prompt.includes(filters.prompt)),
  )
  if (sort?.key === 'judgements')
    kept.sort((a, b) => (a.judgements - b.judgements || a.id - b.id) * (sort.descending ? -1 : 1))
  const from = Number(cursor ?? 0)
  const next = from + limit < kept.length ? String(from + limit) : null
  return { rows: kept.slice(from, from + limit), next }
}

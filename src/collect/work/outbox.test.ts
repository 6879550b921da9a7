import { describe, expect, it } from 'vitest'
import type { Work } from '../tasks/contract.ts'
import { DraftShelf, Outbox, type Outgoing, type Shelf, safeShelf } from './outbox.ts'

function memory(): Shelf & { texts: Map<string, string> } {
  const texts = new Map<string, string>()
  return {
    texts,
    getItem: (key) => texts.get(key) ?? null,
    setItem: (key, text) => void texts.set(key, text),
    removeItem: (key) => void texts.delete(key),
  }
}

const work = (id: string, draft: unknown = null, draftRevision = 0): Work => ({
  assignment: { id, task: `task of ${id}`, leaseUntil: '2026-03-02T09:00:00Z' },
  project: { id: 'p', name: 'P' },
  guidelineVersion: null,
  steps: [],
  conversation: [],
  targets: [],
  contains: [],
  order: [],
  draft,
  draftRevision,
  returned: null,
})
const outgoing = (id: string, key = id): Outgoing => ({
  work: work(id),
  key,
  answers: [{ step: 'compare', payload: { strength: 1 } }],
  revision: 1,
  activeMs: 1,
  openedAt: '2026-03-02T09:00:00Z',
})

describe('the outbox', () => {
  it('outlives the page, oldest first, one answer a task', () => {
    const shelf = memory()
    const box = new Outbox(shelf, 'ada')
    box.put(outgoing('1'))
    box.put(outgoing('2'))
    box.put(outgoing('1', 'again'))
    expect(new Outbox(shelf, 'ada').list().map(({ key }) => key)).toEqual(['2', 'again'])
    expect(new Outbox(shelf, 'grace').list()).toEqual([])
    box.remove('1')
    box.remove('2')
    expect(shelf.texts.size).toBe(0)
  })

  it('changes nothing that was taken away meanwhile', () => {
    const box = new Outbox(memory(), 'ada')
    box.change('1', { tried: true })
    expect(box.list()).toEqual([])
  })

  it('begins empty where the storage holds nonsense', () => {
    const shelf = memory()
    shelf.setItem('plumbline.outbox.ada', '{"broken')
    expect(new Outbox(shelf, 'ada').list()).toEqual([])
  })
})

describe('drafts', () => {
  const local = { answers: [{ step: 'compare', payload: { strength: 3 } }], revision: 4 }
  const server = [{ step: 'compare', payload: { strength: -3 } }]

  it('shows whichever is newer', () => {
    const drafts = new DraftShelf(memory())
    drafts.write('1', local)
    expect(drafts.newest(work('1', server, 3))).toEqual(local)
    expect(drafts.newest(work('1', server, 5))).toEqual({ answers: server, revision: 5 })
    expect(drafts.newest(work('2'))).toEqual({ answers: [], revision: 0 })
  })
})

it('goes on in memory where the storage is full or forbidden', () => {
  const refuse = (): never => {
    throw new Error('QuotaExceededError')
  }
  const shelf = safeShelf({ getItem: refuse, setItem: refuse, removeItem: refuse })
  shelf.setItem('a', '1')
  expect(shelf.getItem('a')).toBe('1')
  shelf.removeItem('a')
  expect(shelf.getItem('a')).toBeNull()
})

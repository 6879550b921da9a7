import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type JudgedProject, judgedProject } from '../../../test/judged.ts'
import { inTransaction } from '../../platform/sql.ts'
import { findSnapshot, rowsOf } from './read.ts'
import { takeSnapshot } from './store.ts'

let at: JudgedProject
beforeAll(async () => {
  at = await judgedProject({ tasks: 60 })
})
afterAll(() => at.database.close())

const rows = async (id: string, split?: 'train' | 'test') => {
  const all = []
  for await (const row of rowsOf(at.db, id, split)) all.push(row)
  return all
}

describe('a snapshot', () => {
  it('is the same by itself and in a transaction of the caller', async () => {
    const wanted = { project: at.project, kind: 'preference' as const, filters: {} }
    const one = await takeSnapshot(at.db, wanted, at.clock.read())
    const other = await inTransaction(at.db, (trx) => takeSnapshot(trx, wanted, at.clock.read()))
    expect(other.hash).toBe(one.hash)
    expect(other.name).not.toBe(one.name)
    expect((await findSnapshot(at.db, at.project, one.name))?.id).toBe(one.id)
    const taken = await rows(one.id)
    expect(taken.length).toBe(one.counts.rows)
  })
})

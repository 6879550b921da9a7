import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { Db } from './sql.ts'
import { together } from './together.ts'

const db = {} as Db

describe('questions asked together', () => {
  it('are put in one statement while another is under way, and each gets its own answer', async () => {
    const groups: number[][] = []
    const ask = together(async (_: Db, questions: number[]) => {
      groups.push(questions)
      await pause(20)
      return questions.map((question) => question * 2)
    })
    const early = [1, 2].map((question) => ask(db, question))
    await pause(5)
    const late = [3, 4, 5].map((question) => ask(db, question))
    expect(await Promise.all([...early, ...late])).toEqual([2, 4, 6, 8, 10])
    expect(groups).toEqual([
      [1, 2],
      [3, 4, 5],
    ])
  })

  it('are put after they were asked: what was true earlier is no answer', async () => {
    let truth = 'old'
    const ask = together(async (_: Db, questions: string[]) => {
      const seen = truth
      await pause(10)
      return questions.map(() => seen)
    })
    const early = ask(db, 'who')
    await pause(2)
    truth = 'new'
    expect(await Promise.all([early, ask(db, 'who')])).toEqual(['old', 'new'])
  })

  it('fail together, and the next are asked again', async () => {
    let broken = true
    const ask = together(async (_: Db, questions: number[]) => {
      if (broken) throw new Error('the line is cut')
      return questions
    })
    await expect(Promise.all([ask(db, 1), ask(db, 2)])).rejects.toThrow('cut')
    broken = false
    expect(await ask(db, 3)).toBe(3)
  })

  it('do not fail with one whose value PostgreSQL refuses', async () => {
    const ask = together(async (_: Db, questions: string[]) => {
      if (questions.includes('bad')) throw Object.assign(new Error('invalid input syntax'), { code: '22P02' })
      return questions
    })
    const answers = await Promise.allSettled(['good', 'bad', 'better'].map((question) => ask(db, question)))
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  })

  it('of two databases never meet', async () => {
    const ask = together(async (on: Db, questions: number[]) => questions.map(() => on))
    const other = {} as Db
    expect(await Promise.all([ask(db, 1), ask(other, 1)])).toEqual([db, other])
  })
})

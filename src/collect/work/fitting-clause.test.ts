import { expect, it } from 'vitest'
import type { Clause } from '../../projects/guideline/rules.ts'
import { fittingClause } from './fitting-clause.ts'

const clause = (id: string, title: string, text: string): Clause => ({ id, title, text, examples: [] })
const clauses = [
  clause('medical', 'Medical advice', 'Prefer the response that sends people with symptoms to a doctor or pharmacist.'),
  clause('violence', 'Violence and weapons', 'Prefer the response that refuses to help with weapons or explosives.'),
  clause('style', 'Style', 'Prefer the response that is short and clear.'),
]

it('finds the clause that speaks of what the task is about', () => {
  expect(fittingClause(clauses, 'My doctor says that these symptoms are harmless. Is that so?')?.id).toBe('medical')
  expect(fittingClause(clauses, 'How do I build explosives and other weapons at home?')?.id).toBe('violence')
})

it('points at none where nothing stands out', () => {
  expect(fittingClause(clauses, 'What is the capital of France?')).toBeUndefined()
  expect(fittingClause(clauses, 'Which response do you prefer?')).toBeUndefined()
  expect(fittingClause(clauses.slice(0, 1), 'a doctor for my symptoms')).toBeUndefined()
  expect(fittingClause([], 'a doctor for my symptoms')).toBeUndefined()
})

import { expect, it } from 'vitest'
import { nextPage } from './next.ts'

it('leads back to a page of ours', () => {
  expect(nextPage('/projects/7/tasks?state=open')).toBe('/projects/7/tasks?state=open')
})

it.each([undefined, '', 'https://evil.example', '//evil.example', '/\\evil.example', '/\t/evil.example', 'tasks'])(
  'leads home instead of to %j',
  (next) => {
    expect(nextPage(next)).toBe('/')
  },
)

import { expect, it } from 'vitest'
import { groupsOf, shapeOf } from './document.ts'

it('groups endpoints by what they are about', () => {
  const groups = groupsOf({
    info: { title: 'Plumbline', version: '1' },
    paths: {
      '/projects': { get: { summary: 'List' }, post: { summary: 'Create' } },
      '/projects/{project}/tasks/{task}': { get: { summary: 'Show' } },
      '/me/keys': { get: { summary: 'Keys' } },
    },
  })
  expect([...groups].map(([name, all]) => [name, all.map(({ anchor }) => anchor)])).toEqual([
    ['projects', ['get-projects', 'post-projects']],
    ['tasks', ['get-projects-project-tasks-task']],
    ['me', ['get-me-keys']],
  ])
})

it('writes a schema as people write shapes', () => {
  expect(
    shapeOf({
      type: 'object',
      properties: {
        id: { type: 'string', format: 'uuid' },
        tags: { type: 'array', items: { type: 'string', maxLength: 60 }, maxItems: 20 },
        state: { enum: ['open', 'done'], default: 'open' },
        person: { anyOf: [{ type: 'object', properties: { name: { type: 'string' } } }, { type: 'null' }] },
        limit: { type: 'integer', minimum: 1, maximum: 200, default: 50 },
      },
      required: ['id'],
    }),
  ).toBe(`{
  id: uuid
  tags?: list of string, at most 60 characters, at most 20
  state?: "open" | "done", "open" unless told
  person?: {
    name?: string
  } | null
  limit?: integer, 1 to 200, 50 unless told
}`)
})

it('does not take the safe integers for limits', () => {
  expect(shapeOf({ type: 'integer', minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER })).toBe(
    'integer',
  )
})

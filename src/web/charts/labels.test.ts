import { expect, it } from 'vitest'
import { fitting, roomFor } from './labels.ts'

it('leaves room for names, and shortens those that need too much of it', () => {
  const wide = roomFor(['People', 'People + longer answer'], 1000)
  expect(wide.marginLeft).toBe(184)
  expect(wide.y.tickFormat('People + longer answer')).toBe('People + longer answer')
  const narrow = roomFor(['People', 'People + longer answer'], 300)
  expect(narrow.marginLeft).toBe(120)
  expect(narrow.y.tickFormat('People + longer answer')).toBe('People + long…')
  expect(narrow.y.tickFormat('People')).toBe('People')
  expect(roomFor([], 300).marginLeft).toBe(8)
})

it('gives signs of East Asia twice the room', () => {
  expect(roomFor(['王小明'], 1000).marginLeft).toBe(56)
  expect(fitting('王小明', 48)).toBe('王小明')
  expect(fitting('王小明', 40)).toBe('王小…')
})

it('keeps a letter of a name whatever the room', () => {
  expect(fitting('careful', 3)).toBe('c…')
})

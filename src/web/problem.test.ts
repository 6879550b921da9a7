import { describe, expect, it } from 'vitest'
import { PlumblineError } from '../platform/errors.ts'
import { isAborted, isWorthRetrying, problemOf } from './problem.ts'

describe('what went wrong', () => {
  it('keeps code, message, place and hint of our own errors', () => {
    const problem = { code: 'bad_input', message: 'Line 3 is no JSON.', where: 'a.jsonl, line 3', hint: 'Mend it.' }
    expect(problemOf(new PlumblineError(problem))).toEqual(problem)
    expect(problemOf(problem)).toEqual(problem)
  })
  it('reads the place and hint that a client carries as data', () => {
    const error = Object.assign(new Error('No such task.'), {
      code: 'NOT_FOUND',
      status: 404,
      data: { code: 'not_found', where: 'task 7', hint: 'It was deleted.' },
    })
    expect(problemOf(error)).toEqual({
      code: 'not_found',
      message: 'No such task.',
      where: 'task 7',
      hint: 'It was deleted.',
    })
  })
  it('says that nobody answered', () => {
    expect(problemOf(new TypeError('Failed to fetch')).code).toBe('offline')
    expect(problemOf(new TypeError('NetworkError when attempting to fetch resource.')).code).toBe('offline')
  })
  it('does not take a fault of the page for a network fault', () => {
    expect(problemOf(new TypeError('x is undefined'))).toMatchObject({ code: 'internal', where: 'x is undefined' })
    expect(problemOf(undefined).code).toBe('internal')
  })
  it('tries again only what may pass', () => {
    expect(isWorthRetrying(new TypeError('Failed to fetch'))).toBe(true)
    expect(isWorthRetrying({ code: 'unavailable', message: 'Starting.' })).toBe(true)
    expect(isWorthRetrying({ code: 'forbidden', message: 'No.' })).toBe(false)
  })
  it('knows a request that was given up', () => {
    expect(isAborted(new DOMException('gone', 'AbortError'))).toBe(true)
    expect(isAborted(new Error('gone'))).toBe(false)
  })
})

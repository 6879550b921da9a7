import { describe, expect, it } from 'vitest'
import { KeyRegistry, keyLabel, type Stroke, strokeNames } from './key-registry.ts'

const stroke = (key: string, rest: Partial<Stroke> = {}): Stroke => ({
  key,
  code: '',
  shiftKey: false,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  ...rest,
})
const binding = (key: string, label = key) => ({ key, label, run: () => {} })

describe('strokes', () => {
  it('takes Ctrl and Cmd for the same key', () => {
    expect(strokeNames(stroke('k', { ctrlKey: true }))).toEqual(['mod+k'])
    expect(strokeNames(stroke('k', { metaKey: true }))).toEqual(['mod+k'])
  })
  it('ignores shift where it only types the sign', () => {
    expect(strokeNames(stroke('?', { shiftKey: true, code: 'Slash' }))).toEqual(['?'])
  })
  it('tells shift and letter from the letter, and is deaf to caps lock', () => {
    expect(strokeNames(stroke('D', { shiftKey: true, code: 'KeyD' }))).toEqual(['shift+d'])
    expect(strokeNames(stroke('D', { code: 'KeyD' }))).toEqual(['d'])
  })
  it('hears the Latin letter behind a Cyrillic one', () => {
    expect(strokeNames(stroke('в', { code: 'KeyD' }))).toContain('d')
  })
  it('hears the digit of a French keyboard without shift', () => {
    expect(strokeNames(stroke('&', { code: 'Digit1' }))).toContain('1')
    expect(strokeNames(stroke('!', { code: 'Digit1', shiftKey: true }))).not.toContain('1')
  })
})

describe('the registry', () => {
  it('finds a binding, and no longer once its layer is gone', () => {
    const registry = new KeyRegistry({ strict: true })
    const remove = registry.add({ scope: 'Work', bindings: [binding('1', 'A is much better')] })
    expect(registry.find(stroke('1'))?.label).toBe('A is much better')
    remove()
    expect(registry.find(stroke('1'))).toBeUndefined()
  })
  it('refuses two meanings of one key, naming both', () => {
    const registry = new KeyRegistry({ strict: true })
    registry.add({ scope: 'Work', bindings: [binding('s', 'Skip')] })
    expect(() => registry.add({ scope: 'Spans', bindings: [binding('S', 'Save span')] })).toThrow(
      'The key S means both "Skip" (Work) and "Save span" (Spans).',
    )
  })
  it('lets the later meaning win outside development', () => {
    const registry = new KeyRegistry({ strict: false })
    registry.add({ scope: 'Work', bindings: [binding('s', 'Skip')] })
    registry.add({ scope: 'Spans', bindings: [binding('s', 'Save span')] })
    expect(registry.find(stroke('s'))?.label).toBe('Save span')
  })
  it('silences what lies below an exclusive layer, except what is always heard', () => {
    const registry = new KeyRegistry({ strict: true })
    registry.add({ scope: 'Everywhere', bindings: [binding('?', 'Keys')], always: true })
    registry.add({ scope: 'Work', bindings: [binding('s', 'Skip')] })
    const remove = registry.add({ scope: 'Spans', bindings: [binding('Enter', 'Mark')], exclusive: true })
    expect(registry.find(stroke('s'))).toBeUndefined()
    expect(registry.find(stroke('Enter'))?.label).toBe('Mark')
    expect(registry.find(stroke('?'))?.label).toBe('Keys')
    remove()
    expect(registry.find(stroke('s'))?.label).toBe('Skip')
  })
  it('allows an exclusive layer the keys of those it silences', () => {
    const registry = new KeyRegistry({ strict: true })
    registry.add({ scope: 'Work', bindings: [binding('Enter', 'Submit')] })
    registry.add({ scope: 'Spans', bindings: [binding('Enter', 'Mark')], exclusive: true })
    expect(registry.find(stroke('Enter'))?.label).toBe('Mark')
  })
  it('prints keys as they stand on the keyboard', () => {
    expect([keyLabel('mod+k'), keyLabel('ArrowUp'), keyLabel('?'), keyLabel('mod++')]).toEqual([
      'Ctrl K',
      '↑',
      '?',
      'Ctrl +',
    ])
  })
  it('keeps the place of a layer that changes under a dialog', () => {
    const registry = new KeyRegistry({ strict: true })
    const place = registry.nextPlace()
    const remove = registry.add({ scope: 'Work', place, bindings: [binding('1', 'A')] })
    const close = registry.add({ scope: 'Skip', exclusive: true, bindings: [binding('1', 'First reason')] })
    remove()
    registry.add({ scope: 'Work', place, bindings: [binding('1', 'A'), binding('Backspace', 'Undo')] })
    expect(registry.find(stroke('1'))?.label).toBe('First reason')
    expect(registry.find(stroke('Backspace'))).toBeUndefined()
    close()
    expect(registry.find(stroke('1'))?.label).toBe('A')
  })
})

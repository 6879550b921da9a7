import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { StatsError } from '../errors.ts'
import { numberAt, parseColumns, readColumns, readGrid } from './read.ts'

const folder = mkdtempSync(join(tmpdir(), 'stats-read-'))
afterAll(() => rmSync(folder, { recursive: true }))
const file = (name: string, text: string) => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}
const names = { item: 'item', label: 'label' }
function problem(run: () => unknown): StatsError {
  try {
    run()
  } catch (error) {
    if (error instanceof StatsError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

describe('reading columns', () => {
  it('reads BOM, quotes, line breaks inside quotes, CRLF and blank lines, with the line of each row', () => {
    const path = file('good.csv', '\uFEFFlabel,item\r\n\r\n"a, ""b""",1\r\n"two\nlines",2\r\n')
    expect(readColumns(path, names)).toEqual({
      file: path,
      length: 2,
      lines: [3, 5],
      values: { item: ['1', '2'], label: ['a, "b"', 'two\nlines'] },
    })
  })

  it('reads semicolons and tabs where the first line has no comma', () => {
    for (const mark of [';', '\t'])
      expect(readColumns(file('marks.csv', `item${mark}label\n1${mark}a,b\n`), names).values.label).toEqual(['a,b'])
  })

  it('reads JSON lines', () => {
    const path = file('good.jsonl', '{"item":1,"label":"x"}\n\n{"item":2,"label":true,"more":[]}\n')
    expect(readColumns(path, names).values).toEqual({ item: ['1', '2'], label: ['x', 'true'] })
  })

  it.each([
    ['short.csv', 'item,label\n1,a\n2\n', /line 3, column label/, /1 of 2 values/],
    ['long.csv', 'item,label\n1,a,b\n', /line 2, column 3/, /3 values/],
    ['hole.csv', 'item,label\n1,\n', /line 2, column label/, /missing/],
    ['head.csv', 'item,lable\n1,a\n', /line 1/, /no column label; the header has item, lable/],
    ['twice.csv', 'item,label,label\n1,a,b\n', /line 1/, /Two columns/],
    ['quote.csv', 'item,label\n1,"a\n2,b\n', /line 3/, /never closed/],
    ['stray.csv', 'item,label\n1,a"b"\n', /line 2, column 2/, /quote/],
    ['empty.csv', '', /empty\.csv/, /empty/],
    ['bare.csv', 'item,label\n', /bare\.csv/, /no rows/],
    ['bad.jsonl', '{"item":1,"label":2}\n{"item":\n', /line 2/, /not JSON/],
    ['list.jsonl', '[1]\n', /line 1/, /object/],
    ['deep.jsonl', '{"item":1,"label":[1]}\n', /line 1, field label/, /list/],
  ])('refuses %s with its place', (name, text, where, message) => {
    const { code, where: place, message: said } = problem(() => readColumns(file(name, text), names))
    expect(code).toBe('bad_input')
    expect(place).toMatch(where)
    expect(said).toMatch(message)
  })

  it('leaves an absent optional column empty and lets a value be missing where it may', () => {
    const path = file('some.csv', 'item,label\n1,\n')
    const columns = { item: 'item', label: 'label', worker: 'worker' }
    expect(readColumns(path, columns, { optional: ['worker'], mayBeEmpty: ['label'] }).values).toEqual({
      item: ['1'],
      label: [''],
      worker: [],
    })
  })

  it('refuses a ragged grid and a text where a number belongs', () => {
    expect(problem(() => readGrid(file('grid.csv', 'a,b\n1,2\n3\n'), { header: true })).where).toMatch(
      /line 3, column 2/,
    )
    const table = readColumns(file('number.csv', 'item,label\n1,2.5\n2,many\n'), names)
    expect(numberAt(table, 'label', 0)).toBe(2.5)
    expect(problem(() => numberAt(table, 'label', 1)).where).toMatch(/line 3, column label/)
  })

  it('understands --columns and refuses what it does not know', () => {
    expect(parseColumns('item=task', names)).toEqual({ item: 'task', label: 'label' })
    expect(problem(() => parseColumns('itm=task', names)).hint).toMatch(/item=NAME/)
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseAddress, writeAddress } from './address.ts'
import { anyFound, grouped, matching } from './palette-match.ts'
import { nextSort, parseSort, readQuery, withChosen, writeSort } from './table-address.ts'

const columns: Parameters<typeof readQuery>[1] = [
  {
    key: 'state',
    filter: { kind: 'choice', options: ['open', 'answered', 'done'].map((value) => ({ value, label: value })) },
  },
  { key: 'created', sortable: true },
]

describe('the address', () => {
  it('survives any text, and drops what is empty', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ unit: 'grapheme', minLength: 1 }), fc.string({ unit: 'grapheme', minLength: 1 })),
        (address) => {
          expect({ ...parseAddress(writeAddress(address)) }).toEqual({ ...address })
        },
      ),
    )
    expect(writeAddress({ a: '', b: undefined })).toBe('')
  })
  it('reads like an address', () => {
    expect(writeAddress({ sort: '-created', state: 'open' })).toBe('?sort=-created&state=open')
  })
})

describe('a table in the address', () => {
  it('turns a column through ascending, descending and unsorted', () => {
    const first = nextSort(undefined, 'created')
    const second = nextSort(first, 'created')
    expect([writeSort(first), writeSort(second), nextSort(second, 'created')]).toEqual([
      'created',
      '-created',
      undefined,
    ])
    expect(parseSort('-created')).toEqual({ key: 'created', descending: true })
  })
  it('asks for what the address says', () => {
    const query = readQuery({ state: 'open', sort: '-created', after: 'c1', row: '7' }, columns, { limit: 50 })
    expect(query).toEqual({
      sort: { key: 'created', descending: true },
      filters: { state: 'open' },
      cursor: 'c1',
      limit: 50,
    })
  })
  it('drops a sort by a column that cannot, and filters that are not there', () => {
    const standard = { key: 'created', descending: true }
    expect(readQuery({ sort: 'state', gone: '1' }, columns, { limit: 50, sort: standard })).toMatchObject({
      sort: standard,
      filters: {},
    })
  })
  it('keeps what the address has chosen among options that are not here yet', () => {
    const known = [{ value: '2', label: 'version 2' }]
    const label = (version: string) => `version ${version}`
    expect(withChosen([], undefined, label)).toEqual([])
    expect(withChosen(known, '3,2', label)).toEqual([...known, { value: '3', label: 'version 3' }])
  })
  it('takes several choices of one column, and drops those that are none', () => {
    const filtersOf = (state: string) => readQuery({ state }, columns, { limit: 5 }).filters
    expect(filtersOf('open,gone,answered')).toEqual({ state: 'open,answered' })
    expect(filtersOf('gone')).toEqual({})
  })
  it('keeps two tables on one page apart', () => {
    expect(readQuery({ state: 'open', 'b.state': 'done' }, columns, { limit: 5, prefix: 'b.' }).filters).toEqual({
      state: 'done',
    })
  })
})

describe('the palette', () => {
  const items = [
    { label: 'Compare two', group: 'Pages' },
    { label: 'Étude 2', group: 'Prompts' },
    { label: 'Policies', group: 'Pages' },
  ]
  it('finds every word, whatever its case or accents, and begins with what begins so', () => {
    expect(matching(items, 'etude')).toEqual([items[1]])
    expect(matching(items, 'two comp')).toEqual([items[0]])
    expect(matching(items, 'p').map(({ label }) => label)).toEqual(['Policies', 'Compare two', 'Étude 2'])
    expect(matching(items, 'xyz')).toEqual([])
  })
  it('brings groups together and counts over all of them', () => {
    expect(grouped(items).map(({ name, from, items: { length } }) => [name, from, length])).toEqual([
      ['Pages', 0, 2],
      ['Prompts', 2, 1],
    ])
  })
})

it('finds what can be found where one of those asked fails', async () => {
  const failing = () => Promise.reject(new Error('busy'))
  expect(await anyFound([failing(), Promise.resolve(['a']), Promise.resolve(['b'])])).toEqual(['a', 'b'])
  expect(await anyFound([])).toEqual([])
  await expect(anyFound([failing(), failing()])).rejects.toThrow('busy')
})

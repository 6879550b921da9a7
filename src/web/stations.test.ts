import { expect, it } from 'vitest'
import type { Action } from '../platform/contract.ts'
import { stationsFor } from './stations.ts'

const pages = ['prompts', 'policies', 'guideline', 'exports', 'people', 'settings']
const shown = (...allowed: Action[]) =>
  stationsFor('7', pages, (action) => allowed.includes(action)).map(({ label, to }) => `${label} ${to}`)

it('leads to the pages that exist and that one’s role has a use for', () => {
  expect(shown('project.read', 'prompt.read', 'export')).toEqual([
    'Collect /projects/7/prompts',
    'Assure /projects/7/exports',
    'Settings /projects/7/settings',
  ])
})

it('shows an annotator the guideline alone', () => {
  expect(shown('annotate', 'guideline.read')).toEqual(['Collect /projects/7/guideline'])
})

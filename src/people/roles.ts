/** Who may do what: one readable line a role. The permission table of the docs and the tests are read from here. */
import type { Action } from '../platform/contract.ts'

export const roles = ['lead', 'engineer', 'reviewer', 'annotator', 'viewer'] as const
export type Role = (typeof roles)[number]

const viewer: Action[] = [
  'project.read',
  'guideline.read',
  'prompt.read',
  'task.read',
  'annotation.read',
  'quality.read',
  'model.read',
]
const annotator: Action[] = ['annotate', 'guideline.read']
const reviewer: Action[] = [
  'annotate',
  'guideline.read',
  'review',
  'project.read',
  'prompt.read',
  'task.read',
  'annotation.read',
  'quality.read',
  'member.read',
]
const engineer: Action[] = [
  ...viewer,
  'annotate',
  'export',
  'prompt.write',
  'policy.read',
  'policy.write',
  'task.write',
  'model.write',
  'member.read',
]
const lead: Action[] = [...engineer, 'review', 'project.write', 'guideline.write', 'member.write', 'audit.read']

export const allowed: Record<Role, ReadonlySet<Action>> = {
  lead: new Set(lead),
  engineer: new Set(engineer),
  reviewer: new Set(reviewer),
  annotator: new Set(annotator),
  viewer: new Set(viewer),
}

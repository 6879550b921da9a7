/** Projects: what a team works on, with its settings. */
import { z } from 'zod'
import { done, endpoint, id, inProject, timestamp } from '../platform/contract.ts'

export const roleName = z.enum(['lead', 'engineer', 'reviewer', 'annotator', 'viewer'])

export const settings = z.object({
  /** Share of finished work that reviewers check, 0 to 1. */
  reviewShare: z.number().min(0).max(1).default(0),
  /** Whether people see, after submitting, what others said. */
  showOthersAfterSubmit: z.boolean().default(false),
  /** Hours of work a day after which no more tasks are handed out. */
  dailyCapHours: z.number().min(0.5).max(24).default(8),
  /** Minutes of work after which a break is suggested. */
  breakAfterMinutes: z.number().int().min(5).max(480).default(50),
})
export type Settings = z.infer<typeof settings>

export const project = z.object({
  id,
  name: z.string(),
  description: z.string(),
  role: roleName,
  leaseSeconds: z.number().int(),
  guidelineVersion: z.number().int().nullable(),
  settings,
  demo: z.boolean(),
  archived: z.boolean(),
  createdAt: timestamp,
})
export type Project = z.infer<typeof project>

const name = z.string().trim().min(1).max(200)
const writable = {
  description: z.string().max(5000).optional(),
  leaseSeconds: z.number().int().min(1).max(86400).optional(),
  settings: settings.partial().optional(),
}

export const projects = {
  list: endpoint('GET', '/projects', 'person', 'Projects that the caller belongs to').output(
    z.object({ rows: z.array(project) }),
  ),
  create: endpoint('POST', '/projects', 'person', 'Create a project; the caller becomes its lead')
    .input(z.object({ name, ...writable }))
    .output(project),
  show: endpoint('GET', '/projects/{project}', 'project.read', 'Show a project').input(inProject).output(project),
  change: endpoint('PATCH', '/projects/{project}', 'project.write', 'Change name, description or settings')
    .input(inProject.extend({ name: name.optional(), ...writable }))
    .output(project),
  archive: endpoint('POST', '/projects/{project}/archive', 'project.write', 'Put a project away, or take it out again')
    .input(inProject.extend({ archived: z.boolean() }))
    .output(done),
}

/** Projects: what a team works on, with its settings. */
import { z } from 'zod'
import { done, endpoint, id, inProject, timestamp } from '../platform/contract.ts'

const roleName = z.enum(['lead', 'engineer', 'reviewer', 'annotator', 'viewer'])

export const gateNames = ['preference', 'kl', 'length', 'violations', 'reward-probe', 'online-probe'] as const

const share = z.number().min(0).max(1)

/** What a policy must show before it is promoted; `src/evaluate/gates` says how each is measured. */
export const gateSettings = z.object({
  /** Share of held-out comparisons won by people's judgement: the lower end of its interval must be above. */
  minWinRate: share.default(0.5),
  /** Comparisons without which nothing is decided. */
  minJudgements: z.number().int().min(2).max(100_000).default(30),
  /** Nats a token. */
  maxKl: z.number().min(0).max(100).default(1),
  minLengthRatio: z.number().min(0).max(1).default(0.5),
  maxLengthRatio: z.number().min(1).max(100).default(2),
  maxViolations: share.default(0.05),
  /** How often a reward may put junk above a real answer. */
  maxJunk: share.default(0.2),
  /** Gates that must pass even where by themselves they would not apply. */
  required: z.array(z.enum(gateNames)).max(gateNames.length).default([]),
})
export type GateSettings = z.infer<typeof gateSettings>

/** Whether the reward chooses which open tasks come next; `src/learn/active` says how. */
export const activeChoice = z.object({
  on: z.boolean().default(false),
  /** Share of tasks that come as they arrived, so that what is measured on them is honest. */
  arrivalShare: share.min(0.05).default(0.2),
})

const values = {
  /** Share of finished work that reviewers check, 0 to 1. */
  reviewShare: share,
  /** Whether people see, after submitting, what others said. */
  showOthersAfterSubmit: z.boolean(),
  /** Whether people learn, after answering a gold task, what was expected and why. */
  explainGold: z.boolean(),
  /** Hours of work a day after which no more tasks are handed out. */
  dailyCapHours: z.number().min(0.5).max(24),
  /** Minutes of work after which a break is suggested. */
  breakAfterMinutes: z.number().int().min(5).max(480),
  /** Tags of prompts whose tasks say what they contain before they show it. */
  sensitiveTags: z.array(z.string().trim().min(1).max(60)).max(100),
  gates: gateSettings,
  activeChoice,
}
/** What is not given is as it was: defaults belong to what is read, not to a change. */
const settingsChange = z.object(values).partial()

export const settings = z.object({
  reviewShare: values.reviewShare.default(0),
  showOthersAfterSubmit: values.showOthersAfterSubmit.default(false),
  explainGold: values.explainGold.default(false),
  dailyCapHours: values.dailyCapHours.default(8),
  breakAfterMinutes: values.breakAfterMinutes.default(50),
  sensitiveTags: values.sensitiveTags.default([]),
  gates: values.gates.prefault({}),
  activeChoice: values.activeChoice.prefault({}),
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
  /** What kept the demo from its end. */
  demoProblem: z.string().nullable(),
  archived: z.boolean(),
  createdAt: timestamp,
})
export type Project = z.infer<typeof project>

const name = z.string().trim().min(1).max(200)
const writable = {
  description: z.string().max(5000).optional(),
  leaseSeconds: z.number().int().min(1).max(86400).optional(),
  settings: settingsChange.optional(),
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

/** Templates: which judgements a task asks for, on what, and in which order. Pure decisions, for browser and server. */
import { z } from 'zod'
import { fail } from '../../platform/errors.ts'
import { kindOf } from '../kinds/index.ts'
import { issueWords } from '../kinds/issue.ts'

const key = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'a step key is lower case letters, digits and dashes')

/** What a step judges. `response` asks for one judgement of each; `chosen` follows what an earlier step preferred. */
export const target = z.union([
  z.enum(['prompt', 'response', 'pair', 'group', 'conversation']),
  z.object({ chosenBy: key }),
])

/** Shown only where an earlier step voted so. Reads votes, never a payload. */
const condition = z.object({
  step: key,
  attribute: z.string(),
  in: z.array(z.string()).optional(),
  not: z.array(z.string()).optional(),
})

export const step = z.object({
  key,
  kind: z.string(),
  title: z.string().max(200).optional(),
  settings: z.record(z.string(), z.unknown()).default({}),
  target,
  required: z.boolean().default(true),
  shownIf: condition.optional(),
})
export type Step = z.infer<typeof step>

export const steps = z.array(step).min(1).max(20)

/** A template of one step: the compare task. */
export const compareSteps: Step[] = [{ key: 'compare', kind: 'compare', settings: {}, target: 'pair', required: true }]

/** Whether every pair is compared: what imports, rounds and evaluations make their tasks for. */
export const comparesPairs = (steps: Step[]): boolean =>
  steps.some(
    ({ kind, target, required, shownIf }) =>
      kind === 'compare' && target === 'pair' && required && shownIf === undefined,
  )

/** Who judged a pair twice would count as two people wherever models are decided; and one response is no comparison. */
function checkComparisons(input: Step[]): void {
  const comparing = input.flatMap(({ kind, target }, i) => (kind === 'compare' ? [{ i, target }] : []))
  for (const { i, target } of comparing)
    if (target !== 'pair') fail('bad_input', 'A comparison is of a pair.', { where: `steps.${i}.target` })
  if (comparing[1])
    fail('bad_input', 'A task has one comparison of its pair.', { where: `steps.${comparing[1].i}.kind` })
}

/** Throws unless the steps fit together: unique keys, known kinds, settings their kinds accept, no look ahead, one comparison. */
export function checkSteps(input: Step[]): Step[] {
  const seen = new Set<string>()
  checkComparisons(input)
  return input.map((current, i) => {
    const where = `steps.${i}`
    if (seen.has(current.key)) fail('bad_input', `Two steps have the key "${current.key}".`, { where: `${where}.key` })
    const settings = kindOf(current.kind).settings.safeParse(current.settings)
    if (!settings.success) {
      const issue = settings.error.issues[0]!
      fail('bad_input', `Settings of "${current.key}": ${issueWords(issue)}.`, {
        where: [where, 'settings', ...issue.path].join('.'),
      })
    }
    const refers = [current.shownIf?.step, typeof current.target === 'object' ? current.target.chosenBy : undefined]
    for (const other of refers)
      if (other && !seen.has(other))
        fail('bad_input', `Step "${current.key}" leans on "${other}", which is not an earlier step.`, { where })
    seen.add(current.key)
    return { ...current, settings: settings.data as Record<string, unknown> }
  })
}

/** What a person sends for one step; `on` names the response where a step judges each of them. */
export interface Answer {
  step: string
  on?: number
  payload: unknown
}

/** An answer, checked, with what it is about. */
export interface Judgement {
  step: Step
  kindVersion: number
  targets: string[]
  payload: unknown
  /** Index of the judgement whose choice this one follows. */
  parent: number | undefined
}

interface Subject {
  prompt: string
  targets: string[]
}

const votesOf = (judgement: Judgement) => kindOf(judgement.step.kind).votes(judgement)

function isShown({ shownIf }: Step, earlier: Judgement[]): boolean {
  if (!shownIf) return true
  const votes = earlier.filter((judgement) => judgement.step.key === shownIf.step).flatMap(votesOf)
  const labels = votes.filter((vote) => vote.attribute === shownIf.attribute).map((vote) => vote.label)
  if (!labels.length) return false
  return labels.every((label) => (shownIf.in?.includes(label) ?? true) && !shownIf.not?.includes(label))
}

/** The sets of messages that a step asks about; none where what it follows made no choice. */
function targetsOf(step: Step, subject: Subject, earlier: Judgement[]): { targets: string[]; parent?: number }[] {
  if (typeof step.target === 'object') {
    const { chosenBy } = step.target
    const parent = earlier.findIndex((judgement) => judgement.step.key === chosenBy)
    const made = earlier[parent]
    const choice =
      made &&
      kindOf(made.step.kind)
        .pairs(made)
        .find((pair) => pair.strength > 0)
    return choice ? [{ targets: [choice.chosen], parent }] : []
  }
  if (step.target === 'prompt' || step.target === 'conversation') return [{ targets: [subject.prompt] }]
  if (step.target === 'response') return subject.targets.map((target) => ({ targets: [target] }))
  return [{ targets: subject.targets }]
}

/**
 * Holds the answers of one submission against the template: every required judgement that is shown is there, nothing
 * else is, and each payload is one of its kind. Throws a problem that names the step and field.
 */
export function judge(template: Step[], subject: Subject, answers: Answer[]): Judgement[] {
  const judgements: Judgement[] = []
  const left = new Set(answers)
  for (const step of template) {
    const asked = isShown(step, judgements) ? targetsOf(step, subject, judgements) : []
    const given = answers.filter((answer) => answer.step === step.key)
    for (const [index, { targets, parent }] of asked.entries()) {
      const answer = given.find((one) => (one.on ?? 0) === index)
      if (!answer) {
        if (step.required)
          fail('bad_input', `The step "${step.key}" is not answered.`, { where: `annotations.${step.key}` })
        continue
      }
      left.delete(answer)
      const kind = kindOf(step.kind)
      const parsed = kind.payload(step.settings).safeParse(answer.payload)
      if (!parsed.success) {
        const issue = parsed.error.issues[0]
        fail('bad_input', `The answer to "${step.key}" is not valid: ${issue?.message}`, {
          where: ['annotations', step.key, 'payload', ...(issue?.path ?? [])].join('.'),
        })
      }
      judgements.push({ step, kindVersion: kind.version, targets, payload: parsed.data, parent })
    }
  }
  const [extra] = left
  if (extra)
    fail(
      'bad_input',
      `The task does not ask for the step "${extra.step}"${extra.on ? ` on response ${extra.on}` : ''}.`,
      {
        where: `annotations.${extra.step}`,
      },
    )
  return judgements
}

/** One thing that a task asks, given the answers so far. */
export interface Question {
  step: Step
  on: number
  targets: string[]
}

/** All that a task asks at the moment: steps that lean on an answer appear with it. */
export function questionsOf(template: Step[], subject: Subject, answers: Answer[]): Question[] {
  const made: Judgement[] = []
  return template.flatMap((step) => {
    const asked = isShown(step, made) ? targetsOf(step, subject, made) : []
    for (const [on, { targets, parent }] of asked.entries()) {
      const kind = kindOf(step.kind)
      const answer = answers.find((one) => one.step === step.key && (one.on ?? 0) === on)
      const parsed = answer && kind.payload(step.settings).safeParse(answer.payload)
      if (parsed?.success) made.push({ step, kindVersion: kind.version, targets, payload: parsed.data, parent })
    }
    return asked.map(({ targets }, on) => ({ step, on, targets }))
  })
}

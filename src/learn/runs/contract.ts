/** Runs: training a model on a snapshot, watched as it goes, stopped, resumed, begun again with other settings. */
import { z } from 'zod'
import { anyOf, endpoint, id, inProject, page, pageOf, problem, timestamp } from '../../platform/contract.ts'
import { algorithms } from '../../trainer/schedule/spec.ts'
import { runSettings } from './settings.ts'

export const runStates = ['waiting', 'running', 'stopped', 'done', 'failed'] as const
export type RunState = (typeof runStates)[number]

const named = z.object({ id, name: z.string() })

/** What a run came to. */
const summary = z.object({
  steps: z.number().int(),
  seconds: z.number(),
  tokensPerSecond: z.number(),
  /** Why it ended before its last step. */
  stopped: z.enum(['asked', 'diverged', 'kl_budget']).optional(),
  /** Figures on held-out rows, by name. */
  eval: z.record(z.string(), z.number()),
})
export type RunSummary = z.infer<typeof summary>

export const run = z.object({
  id,
  name: z.string(),
  algorithm: z.enum(algorithms),
  engine: z.string(),
  state: z.enum(runStates),
  snapshot: named.extend({ kind: z.enum(['preference', 'demonstration']) }),
  /** A preset, a catalogue's name, or the name of the checkpoint `baseId`. */
  base: z.string(),
  baseId: id.nullable(),
  /** What scores the samples of an online algorithm; `online`: the reward that learns while people work. */
  reward: z.union([named, z.literal('online')]).nullable(),
  /** What was set; the rest is default. */
  settings: runSettings,
  round: id.nullable(),
  forkedFrom: named.nullable(),
  checkpoint: named.nullable(),
  checkpointId: id.nullable(),
  /** The policy that its model answers as. */
  policyId: id.nullable(),
  job: id.nullable(),
  step: z.number().int(),
  /** Null until it has begun. */
  steps: z.number().int().nullable(),
  note: z.string(),
  /** While it waits: how many runs of this installation train or wait before it. */
  waitsFor: z.number().int(),
  summary: summary.nullable(),
  problem: problem.nullable(),
  createdBy: id.nullable(),
  createdAt: timestamp,
  startedAt: timestamp.nullable(),
  endedAt: timestamp.nullable(),
})
export type Run = z.infer<typeof run>

/** A run with what it was found to be when it began; null before that. */
const shownRun = run.extend({
  began: z
    .object({
      rows: z.number().int(),
      evalRows: z.number().int(),
      parameters: z.number().int(),
      trainedParameters: z.number().int(),
      estimatedBytes: z.number(),
      /** Every setting, defaults filled in. */
      settings: z.record(z.string(), z.unknown()),
    })
    .nullable(),
})
export type ShownRun = z.infer<typeof shownRun>

const series = z.object({
  /** Each point is the mean over so many steps. */
  every: z.number().int(),
  /** The last step of each point. */
  steps: z.array(z.number().int()),
  /** Those that the algorithm has (`figures.ts`), a value a point. */
  figures: z.array(z.object({ key: z.string(), values: z.array(z.number().nullable()) })),
  /** What held-out rows were measured at as it went on, from before its first step. */
  held: z.array(
    z.object({
      step: z.number().int(),
      rows: z.number().int(),
      evalLoss: z.number(),
      evalAccuracy: z.number().optional(),
    }),
  ),
  latest: z
    .object({
      step: z.number().int(),
      steps: z.number().int(),
      etaSeconds: z.number(),
      tokensPerSecond: z.number(),
    })
    .nullable(),
})
export type RunSeries = z.infer<typeof series>

const oneRun = inProject.extend({ run: id })

/** An event of a run (`trainer/schedule/events.ts`): what it holds depends on its kind. */
const runEvent = z.object({
  seq: z.number().int(),
  at: timestamp,
  event: z.looseObject({ event: z.enum(['start', 'step', 'samples', 'eval', 'checkpoint', 'stopped', 'done']) }),
})

const wanted = {
  name: z.string().trim().min(1).max(100).optional(),
  algorithm: z.enum(algorithms),
  /** By id, by name, or by the beginning of its hash. */
  snapshot: z.string().trim().min(1).max(200),
  /** A preset, a catalogue's name, or a checkpoint of the project by id or name. */
  base: z.string().trim().min(1).max(200),
  /** Online algorithms: the id of a reward model, or `online`. */
  reward: z.union([id, z.literal('online')]).optional(),
  settings: runSettings.default({}),
}

const node = z.object({
  /** Kind and id. */
  id: z.string(),
  /** `annotations`: those behind a snapshot; `online`: the reward that learns while people work, as a run found it. */
  kind: z.enum(['guideline', 'annotations', 'snapshot', 'base', 'run', 'policy', 'reward', 'online']),
  /** Id of the thing; of a guideline its version, of `annotations` the snapshot, of `online` the run. */
  of: z.string(),
  name: z.string(),
  detail: z.string().optional(),
})
export type LineageNode = z.infer<typeof node>
export const lineageGraph = z.object({
  nodes: z.array(node),
  /** From what was there to what came of it. */
  links: z.array(z.object({ from: z.string(), to: z.string() })),
})
export type LineageGraph = z.infer<typeof lineageGraph>

/** A checkpoint by id or name. */
const ofModel = inProject.extend({ model: z.string().min(1).max(200) })

const traced = z.object({
  id,
  task: id.nullable(),
  person: id.nullable(),
  simulated: z.boolean(),
  guidelineVersion: z.number().int().nullable(),
  at: timestamp,
  /** The beginning of the prompt that it is about. */
  opening: z.string(),
})
export type TracedAnnotation = z.infer<typeof traced>

export const runs = {
  start: endpoint('POST', '/projects/{project}/runs', 'model.write', 'Train a model on a dataset; a job does it')
    .input(inProject.extend({ ...wanted, forkedFrom: id.optional() }))
    .output(run),
  list: endpoint('GET', '/projects/{project}/runs', 'model.read', 'Runs, the newest first')
    .input(
      inProject.extend({ ...page, state: anyOf(z.enum(runStates)), search: z.string().trim().max(200).optional() }),
    )
    .output(pageOf(run)),
  show: endpoint('GET', '/projects/{project}/runs/{run}', 'model.read', 'Show a run').input(oneRun).output(shownRun),
  series: endpoint('GET', '/projects/{project}/runs/{run}/series', 'model.read', 'The figures of a run as curves')
    .input(oneRun.extend({ points: z.coerce.number().int().min(10).max(2000).default(300) }))
    .output(series),
  events: endpoint('GET', '/projects/{project}/runs/{run}/events', 'model.read', 'What a run said of itself, in order')
    .input(
      oneRun.extend({
        after: z.coerce.number().int().min(0).default(0),
        limit: page.limit,
        /** What was sampled alone; or everything but samples, steps and what was measured on the way. */
        only: z.enum(['samples', 'log']).optional(),
      }),
    )
    .output(z.object({ rows: z.array(runEvent), next: z.number().int().nullable() })),
  stop: endpoint('POST', '/projects/{project}/runs/{run}/stop', 'model.write', 'Stop a run; it can be resumed')
    .input(oneRun)
    .output(run),
  resume: endpoint(
    'POST',
    '/projects/{project}/runs/{run}/resume',
    'model.write',
    'Go on with a run from its last complete state',
  )
    .input(oneRun)
    .output(run),
  lineage: endpoint(
    'GET',
    '/projects/{project}/models/{model}/lineage',
    'model.read',
    'Where a model comes from, as a graph',
  )
    .input(ofModel)
    .output(lineageGraph.extend({ model: named })),
  lineageAnnotations: endpoint(
    'GET',
    '/projects/{project}/models/{model}/lineage/annotations',
    'model.read',
    'The single annotations behind a model',
  )
    .input(ofModel.extend(page))
    .output(pageOf(traced)),
}

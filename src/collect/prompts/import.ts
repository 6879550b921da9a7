/** Reads a file in one of the formats and writes its rows in batches: flat memory, and the same file twice adds nothing. */
import { sql } from 'kysely'
import {
  type Format,
  type ImportRecord,
  isProblem,
  type Mapping,
  type Problem,
  type Source,
} from '../../formats/index.ts'
import { recordAudit } from '../../platform/audit.ts'
import { fail } from '../../platform/errors.ts'
import { type Db, inTransaction } from '../../platform/sql.ts'
import { saltOf } from '../../projects/store.ts'
import type { TaskPlan } from '../tasks/write.ts'
import { compareTemplate, routeFor } from '../templates/store.ts'
import type { CheckResult, Refused } from './contract.ts'
import { whyNoTask } from './rules.ts'
import { type ImportedJudgement, type NewPrompt, type Written, writePromptBatch } from './write.ts'

export interface ImportOptions {
  project: string
  format: Format
  /** Opened twice where nothing may be taken unless everything is right. */
  open(): Source
  fileName?: string
  mapping?: Mapping
  /** Make compare tasks of rows with two responses. */
  tasks?: { overlap: number; skills?: string[]; priority?: number }
  tags?: string[]
  /** What becomes of the file when rows of it are wrong. */
  onProblem: 'keep-the-rest' | 'take-nothing'
  /** Who imports, for the audit log. */
  actor: string
  clock(): Date
  signal?: AbortSignal
  progress?(rows: number, how: 'read' | 'taken'): void
}

interface ImportResult extends Written, Refused {}

const batchRows = 2000
const batchesAtOnce = 2
/** A batch of long rows ends earlier: memory stays flat whatever the rows are like. */
const batchCharacters = 8_000_000
const mostListed = 1000
const manyRows = 1000

/** A preference of unknown strength counts as the weakest. */
const weakest = 1

/** A comparison as its kind has it; undefined where the judgement is none. */
function comparisonOf(judgement: ImportRecord['judgement']): ImportedJudgement | undefined {
  switch (judgement?.kind) {
    case 'preference': {
      const strength = -Math.min(3, Math.max(1, Math.round(judgement.strength ?? weakest)))
      return { kind: 'compare', targets: [judgement.chosen, judgement.rejected], payload: { strength } }
    }
    case 'tie':
      return { kind: 'compare', targets: [0, 1], payload: { strength: 0 } }
    case 'both-bad':
      return { kind: 'compare', targets: [0, 1], payload: { bothBad: true } }
    default:
      return undefined
  }
}

function toPrompt({ prompt, responses, judgement, metadata }: ImportRecord, tags: string[] | undefined): NewPrompt {
  const comparison = comparisonOf(judgement)
  return {
    turns: prompt.map(({ role, content }) => ({ role, text: content })),
    responses: responses.map(({ content, metadata }) => ({ text: content, metadata })),
    judgement: comparison,
    // What is no comparison is kept with the prompt until its own kind reads it.
    metadata: judgement && !comparison ? { ...metadata, judgement } : metadata,
    tags,
  }
}

const lengthOf = ({ turns, responses }: NewPrompt) =>
  [...turns, ...responses].reduce((sum, { text }) => sum + text.length, 0)

/** A row as it is taken: where tasks are wanted, one of which none can be made is a problem. */
function taken(row: ImportRecord | Problem, asTasks: boolean): ImportRecord | Problem {
  const reason = asTasks && !isProblem(row) && whyNoTask(row.responses.length)
  return reason ? { line: row.line, reason } : row
}

function refuse(refused: Refused, { line, reason }: Problem): void {
  refused.failedCount++
  if (refused.failed.length < mostListed) refused.failed.push({ line, reason })
}

interface CheckOptions extends Pick<ImportOptions, 'format' | 'open' | 'fileName' | 'mapping' | 'signal' | 'progress'> {
  asTasks: boolean
}

/** Reads a whole file as an import does, and writes nothing: how many rows can be taken, and which cannot. */
export async function checkFile({
  format,
  open,
  fileName,
  mapping,
  asTasks,
  signal,
  progress,
}: CheckOptions): Promise<CheckResult> {
  const result: CheckResult = { rows: 0, failed: [], failedCount: 0 }
  for await (const item of format.parse(open(), { mapping, fileName })) {
    const row = taken(item, asTasks)
    if (isProblem(row)) refuse(result, row)
    else result.rows++
    const read = result.rows + result.failedCount
    if (read % batchRows) continue
    signal?.throwIfAborted()
    progress?.(read, 'read')
  }
  return result
}

async function refuseUnlessWhole(options: ImportOptions): Promise<void> {
  const { rows: _, ...refused } = await checkFile({ ...options, asTasks: options.tasks !== undefined })
  const { failed, failedCount } = refused
  const [first] = failed
  if (!first) return
  const rows = failedCount === 1 ? 'One row' : `${failedCount.toLocaleString('en')} rows`
  fail('bad_input', `${rows} cannot be taken, so nothing was. The first: ${first.reason}.`, {
    where: `${options.fileName ?? 'file'}, line ${first.line}`,
    hint: 'Mend them, or import the other rows by choosing to keep the rest.',
    details: refused,
  })
}

async function planFor(db: Db, { project, tasks }: ImportOptions): Promise<TaskPlan | undefined> {
  if (!tasks) return undefined
  return inTransaction(db, async (trx) => {
    const template = await compareTemplate(trx, project)
    const route = await routeFor(trx, project, { skills: tasks.skills })
    return { template, route, overlap: tasks.overlap, purpose: 'label', priority: tasks.priority }
  })
}

/** Until PostgreSQL has looked at new rows of its own accord, a minute or more, its plans would rest on guesses. */
const takeStock = (db: Db) => sql`ANALYZE prompts, messages, tasks, queue, annotations`.execute(db)

/**
 * Imports a file. Each batch is one transaction with its audit row; an import that was cut off is finished by running it
 * again. With `take-nothing` the whole file is read first, and one wrong row stops it before anything is written.
 */
export async function importFile(db: Db, options: ImportOptions): Promise<ImportResult> {
  const { project, format, open, fileName, mapping, tags, onProblem, actor, clock, signal, progress } = options
  if (onProblem === 'take-nothing') await refuseUnlessWhole(options)
  const salt = await saltOf(db, project)
  const plan = await planFor(db, options)
  const result: ImportResult = {
    prompts: 0,
    responses: 0,
    tasks: 0,
    judgements: 0,
    skipped: 0,
    failed: [],
    failedCount: 0,
  }
  let rows = 0
  const flush = async (batch: NewPrompt[]) => {
    if (!batch.length) return
    signal?.throwIfAborted()
    const written = await inTransaction(db, async (trx) => {
      const at = clock()
      const after = await writePromptBatch(trx, { project, salt, at }, batch, plan)
      await recordAudit(trx, [{ actor, action: 'prompt.import', subject: `project ${project}`, project, after }], at)
      return after
    })
    for (const key of ['prompts', 'responses', 'tasks', 'judgements', 'skipped'] as const) result[key] += written[key]
    rows += batch.length
    progress?.(rows, 'taken')
  }
  let batch: NewPrompt[] = []
  let characters = 0
  // Batches are written side by side while the next is read; rows that two of them share wait for each other in the database.
  const writing = new Set<Promise<void>>()
  const hand = async () => {
    if (writing.size === batchesAtOnce) await Promise.race(writing)
    const written = flush(batch)
    writing.add(written)
    // A failure is thrown where the batches are awaited; until then it must not count as unhandled.
    written.then(() => writing.delete(written)).catch(() => {})
    batch = []
    characters = 0
  }
  for await (const item of format.parse(open(), { mapping, fileName })) {
    const row = taken(item, options.tasks !== undefined)
    if (isProblem(row)) refuse(result, row)
    else {
      const prompt = toPrompt(row, tags)
      characters += lengthOf(prompt)
      if (batch.push(prompt) === batchRows || characters > batchCharacters) await hand()
    }
  }
  await hand()
  await Promise.all(writing)
  if (rows >= manyRows) await takeStock(db)
  return result
}

import { implement } from '@orpc/server'
import { formatNamed, formats, isProblem, type Mapping, preview } from '../../formats/index.ts'
import { type Authorised, authorised } from '../../people/access.ts'
import { recordAudit } from '../../platform/audit.ts'
import type { CallContext, Platform } from '../../platform/context.ts'
import { fail } from '../../platform/errors.ts'
import type { JobHandler, JobRun } from '../../platform/jobs.ts'
import { type Db, inTransaction } from '../../platform/sql.ts'
import { prompts as contract, partBytes } from './contract.ts'
import { checkFile, importFile } from './import.ts'
import { findPrompt, listPrompts, tagPrompts } from './store.ts'
import { beginUpload, discardUpload, findUpload, partsOf, putPart, uploadBytes, uploadGone } from './uploads.ts'

const os = implement(contract).$context<CallContext>().use(authorised)

const previewRows = 20

async function uploadOf(db: Db, project: string, id: string): Promise<{ id: string; name: string }> {
  return (
    (await findUpload(db, project, id)) ??
    fail('not_found', 'There is no such upload.', { where: 'upload', hint: 'Uploads are kept for two days.' })
  )
}

async function wholeUpload(db: Db, project: string, id: string): Promise<{ name: string; parts: number }> {
  const { name } = await uploadOf(db, project, id)
  const { count, missing } = await partsOf(db, id)
  if (missing !== undefined)
    fail('conflict', `Part ${missing} of the upload is missing.`, { where: `parts/${missing}`, hint: 'Send it again.' })
  return { name, parts: count }
}

/** A job that reads an upload to its end. */
async function startReading(
  kind: string,
  what: string,
  { project, upload, ...choice }: { project: string; upload: string; format: string },
  { platform, caller }: CallContext & Authorised,
): Promise<{ job: string }> {
  const { name } = await wholeUpload(platform.db, project, upload)
  formatNamed(choice.format)
  const job = await platform.jobs.start(platform.db, {
    kind,
    title: `${what} ${name}`,
    project,
    input: { upload, name, ...choice },
    createdBy: caller.id,
  })
  platform.wake()
  return { job }
}

export const prompts = os.router({
  formats: os.formats.handler(() => ({ rows: formats.map(({ name, title }) => ({ name, title })) })),

  upload: os.upload.handler(async ({ input: { project, name }, context: { platform, caller } }) => ({
    upload: await beginUpload(platform.db, project, name, caller.id),
    partBytes,
  })),

  part: os.part.handler(async ({ input: { project, upload, part, bytes }, context: { platform } }) => {
    await uploadOf(platform.db, project, upload)
    await putPart(platform.db, upload, part, Buffer.from(await bytes.arrayBuffer()))
    return { ok: true as const }
  }),

  preview: os.preview.handler(async ({ input: { project, upload, format, mapping }, context: { platform } }) => {
    const { name, parts } = await wholeUpload(platform.db, project, upload)
    const open = () => uploadBytes(platform.db, upload, parts)
    const found = await preview(open(), { fileName: name, count: previewRows })
    const chosen = format ?? found.formats[0]
    const shown = {
      formats: found.formats.map((fitting) => ({ name: fitting, title: formatNamed(fitting).title })),
      columns: found.columns,
      values: found.values,
      records: [] as PreviewRecord[],
      problems: [] as PreviewProblem[],
    }
    if (!chosen) return shown
    for await (const item of formatNamed(chosen).parse(open(), { mapping, fileName: name })) {
      if (isProblem(item)) shown.problems.push({ line: item.line, column: item.column, reason: item.reason })
      else
        shown.records.push({
          line: item.line,
          prompt: item.prompt,
          responses: item.responses.map(({ content }) => ({ content })),
          judgement: item.judgement ?? null,
        })
      if (shown.records.length >= previewRows || shown.problems.length >= previewRows) break
    }
    return shown
  }),

  check: os.check.handler(({ input, context }) => startReading('import-check', 'Check', input, context)),

  import: os.import.handler(({ input, context }) => startReading('import', 'Import', input, context)),

  discard: os.discard.handler(async ({ input: { project, upload }, context: { platform } }) => {
    await uploadOf(platform.db, project, upload)
    await discardUpload(platform.db, upload)
    return { ok: true as const }
  }),

  list: os.list.handler(({ input, context: { platform } }) => listPrompts(platform.db, input)),

  show: os.show.handler(
    async ({ input: { project, prompt }, context: { platform } }) =>
      (await findPrompt(platform.db, project, prompt)) ??
      fail('not_found', 'There is no such prompt.', { where: 'prompt' }),
  ),

  tag: os.tag.handler(async ({ input: { project, prompts: ids, add, remove }, context: { platform, caller } }) => ({
    changed: await inTransaction(platform.db, async (trx) => {
      const tagged = await tagPrompts(trx, project, ids, add, remove)
      await recordAudit(
        trx,
        tagged.map((id) => ({
          actor: caller.id,
          action: 'prompt.tag',
          subject: `prompt ${id}`,
          project,
          after: { add, remove },
        })),
        platform.clock(),
      )
      return tagged.length
    }),
  })),
})

interface PreviewRecord {
  line: number
  prompt: { role: 'system' | 'user' | 'assistant'; content: string }[]
  responses: { content: string }[]
  judgement: unknown
}
interface PreviewProblem {
  line: number
  column?: number
  reason: string
}

interface Reading {
  upload: string
  name: string
  format: string
  mapping?: Mapping
}

interface ImportInput extends Reading {
  tasks?: { overlap: number; skills: string[]; priority: number }
  tags: string[]
  onProblem: 'keep-the-rest' | 'take-nothing'
}

/** What `importFile` and `checkFile` are told of an upload; throws `gone` where it is not there any more. */
async function readingOf(db: Db, { upload, name, format, mapping }: Reading) {
  const { count, missing } = await partsOf(db, upload)
  if (missing !== undefined) return uploadGone(missing)
  return { format: formatNamed(format), mapping, fileName: name, open: () => uploadBytes(db, upload, count) }
}

const sayRows =
  ({ progress }: JobRun) =>
  (rows: number, how: string) =>
    progress(rows, null, `${rows.toLocaleString('en')} rows ${how}`)

export const checkJob =
  ({ db }: Platform): JobHandler =>
  async (run) => {
    const { asTasks, ...reading } = run.input as Reading & { asTasks: boolean }
    return checkFile({ ...(await readingOf(db, reading)), asTasks, signal: run.signal, progress: sayRows(run) })
  }

/**
 * Imports an upload; cut off, it starts over, and what is there already is skipped. With the upload goes its way back, so the
 * result is kept in the same transaction.
 */
export const importJob =
  ({ db, clock }: Platform): JobHandler =>
  async (run) => {
    if (run.checkpoint) return run.checkpoint
    const { tasks, tags, onProblem, ...reading } = run.input as ImportInput
    const result = await importFile(db, {
      ...(await readingOf(db, reading)),
      tasks,
      tags,
      onProblem,
      project: run.project!,
      actor: run.createdBy ?? 'system',
      clock,
      signal: run.signal,
      progress: sayRows(run),
    })
    await inTransaction(db, async (trx) => {
      await discardUpload(trx, reading.upload)
      await run.save(result, trx)
    })
    return result
  }

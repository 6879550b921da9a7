import { implement } from '@orpc/server'
import { formatNamed, formats, isProblem, preview } from '../../formats/index.ts'
import { authorised } from '../../people/access.ts'
import { recordAudit } from '../../platform/audit.ts'
import type { CallContext, Platform } from '../../platform/context.ts'
import { fail } from '../../platform/errors.ts'
import type { JobHandler } from '../../platform/jobs.ts'
import { type Db, inTransaction } from '../../platform/sql.ts'
import { prompts as contract, partBytes } from './contract.ts'
import { importFile } from './import.ts'
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

  import: os.import.handler(async ({ input: { project, upload, ...choice }, context: { platform, caller } }) => {
    const { name } = await wholeUpload(platform.db, project, upload)
    formatNamed(choice.format)
    const job = await platform.jobs.start(platform.db, {
      kind: 'import',
      title: `Import ${name}`,
      project,
      input: { upload, name, ...choice },
      createdBy: caller.id,
    })
    platform.wake()
    return { job }
  }),

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

interface ImportInput {
  upload: string
  name: string
  format: string
  mapping?: { prompt: string | string[]; responses: string[] }
  tasks?: { overlap: number; skills: string[] }
  tags: string[]
  onProblem: 'keep-the-rest' | 'take-nothing'
}

/**
 * Imports an upload; cut off, it starts over, and what is there already is skipped. With the upload goes its way back, so the
 * result is kept in the same transaction.
 */
export const importJob =
  ({ db, clock }: Platform): JobHandler =>
  async ({ project, createdBy, input, checkpoint, signal, progress, save }) => {
    if (checkpoint) return checkpoint
    const { upload, name, format, ...choice } = input as ImportInput
    const { count, missing } = await partsOf(db, upload)
    if (missing !== undefined) return uploadGone(missing)
    const result = await importFile(db, {
      ...choice,
      project: project!,
      format: formatNamed(format),
      open: () => uploadBytes(db, upload, count),
      fileName: name,
      actor: createdBy ?? 'system',
      clock,
      signal,
      progress: (rows) => progress(rows, null, `${rows} rows`),
    })
    await inTransaction(db, async (trx) => {
      await discardUpload(trx, upload)
      await save(result, trx)
    })
    return result
  }

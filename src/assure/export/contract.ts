/** Exports: a job writes the file, then it is fetched in parts. */
import { z } from 'zod'
import { endpoint, id, inProject, timestamp } from '../../platform/contract.ts'

export const exportedFile = z.object({
  id,
  name: z.string(),
  rows: z.number().int(),
  parts: z.number().int(),
  createdAt: timestamp,
})
export type ExportedFile = z.infer<typeof exportedFile>

export const packing = z.enum(['jsonl', 'csv', 'parquet'])
export type Packing = z.infer<typeof packing>

const exportFormat = z.object({
  name: z.string(),
  /** Kinds of files that its rows are packed in, the usual one first. */
  packings: z.array(packing),
})
export type ExportFormat = z.infer<typeof exportFormat>

export const exports = {
  formats: endpoint('GET', '/export-formats', 'person', 'Formats that can be exported').output(
    z.object({ rows: z.array(exportFormat) }),
  ),
  start: endpoint('POST', '/projects/{project}/exports', 'export', 'Write an export; a job does it')
    .input(
      inProject.extend({
        format: z.string(),
        every: z.boolean().default(false),
        packing: packing.optional(),
      }),
    )
    .output(z.object({ job: id })),
  list: endpoint('GET', '/projects/{project}/exports', 'export', 'Exports that can be fetched, newest first')
    .input(inProject)
    .output(z.object({ rows: z.array(exportedFile) })),
  part: endpoint('GET', '/projects/{project}/exports/{export}/parts/{part}', 'export', 'One part of the file, 0 first')
    .input(inProject.extend({ export: id, part: z.coerce.number().int().min(0) }))
    .output(z.instanceof(Blob)),
}

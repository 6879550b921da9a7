/** Fetches a file part by part and hands it to the browser to save. */
import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { notifyProblem } from '../../web/notices.tsx'
import { percent } from '../../web/numbers.ts'
import { save } from '../../web/save.ts'
import { type ExportedFile, exports } from './contract.ts'

const api = clientOf({ exports }).exports

/** Parts stay blobs, which the browser keeps outside the page's memory. */
async function fetchFile(project: string, file: ExportedFile, onPart: (parts: number) => void): Promise<Blob> {
  const parts: Blob[] = []
  for (let part = 0; part < file.parts; part++) {
    parts.push(await api.part({ project, export: file.id, part }))
    onPart(part + 1)
  }
  return new Blob(parts)
}

export function SaveFile({ file }: { file: ExportedFile }) {
  const { id: project } = useProject()
  const [parts, setParts] = useState(0)
  const fetching = useMutation({
    mutationFn: () => fetchFile(project, file, setParts),
    onSuccess: (blob) => save(blob, file.name),
    onError: notifyProblem,
  })
  return (
    <Button
      size="compact-sm"
      variant="default"
      disabled={fetching.isPending}
      aria-label={`Save ${file.name}`}
      onClick={() => {
        setParts(0)
        fetching.mutate()
      }}
    >
      {fetching.isPending ? percent(parts / file.parts) : 'Save'}
    </Button>
  )
}

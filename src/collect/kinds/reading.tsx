/** A judgement as its kind shows it to be read. */
import { Code } from '@mantine/core'
import { type ComponentType, lazy, Suspense } from 'react'
import { Loading } from '../../web/states.tsx'
import { kinds } from './index.ts'

type ReadingOf = ComponentType<{ payload: unknown; settings: unknown }>

const readings = Object.fromEntries(
  Object.entries(kinds).map(([name, { screen }]) => [
    name,
    lazy(async () => ({ default: (await screen()).Reading as ReadingOf })),
  ]),
)

/** A kind that this browser does not know yet is shown as it was stored. */
export function Reading({ kind, payload, settings }: { kind: string; payload: unknown; settings: unknown }) {
  const Known = readings[kind]
  if (!Known) return <Code block>{JSON.stringify(payload, null, 2)}</Code>
  return (
    <Suspense fallback={<Loading lines={2} />}>
      <Known payload={payload} settings={settings} />
    </Suspense>
  )
}

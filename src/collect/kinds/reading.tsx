/** A judgement as its kind shows it to be read. */
import { Code } from '@mantine/core'
import { type ComponentType, lazy, Suspense } from 'react'
import { Loading } from '../../web/states.tsx'
import { kinds } from './index.ts'

export interface ReadingProps {
  payload: unknown
  settings: unknown
  /** What its targets are called, in stored order, where they have other names than first, second and so on. */
  names?: readonly string[]
}

type ReadingOf = ComponentType<ReadingProps>

const readings = Object.fromEntries(
  Object.entries(kinds).map(([name, { screen }]) => [
    name,
    lazy(async () => ({ default: (await screen()).Reading as ReadingOf })),
  ]),
)

/** A kind that this browser does not know yet is shown as it was stored. */
export function Reading({ kind, ...judgement }: ReadingProps & { kind: string }) {
  const Known = readings[kind]
  if (!Known) return <Code block>{JSON.stringify(judgement.payload, null, 2)}</Code>
  return (
    <Suspense fallback={<Loading lines={2} />}>
      <Known {...judgement} />
    </Suspense>
  )
}

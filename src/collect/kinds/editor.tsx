/** The editor of a kind, loaded when it is first needed. */
import { Text } from '@mantine/core'
import { lazy, Suspense } from 'react'
import { Loading } from '../../web/states.tsx'
import { kinds } from './index.ts'
import type { JudgementProps } from './screen.ts'

const editors = Object.fromEntries(
  Object.entries(kinds).map(([name, { screen }]) => [name, lazy(async () => ({ default: (await screen()).Editor }))]),
)

export function Editor({ kind, ...judgement }: JudgementProps & { kind: string }) {
  const Known = editors[kind]
  if (!Known) return <Text>This version of Plumbline cannot ask for a judgement of kind “{kind}”.</Text>
  return (
    <Suspense fallback={<Loading lines={3} />}>
      <Known {...judgement} />
    </Suspense>
  )
}

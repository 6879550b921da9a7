/** What a template may set of a kind, as a form. */
import { lazy, Suspense } from 'react'
import { Loading } from '../../web/states.tsx'
import { kinds } from './index.ts'

export interface SettingsProps {
  settings: unknown
  /** What is handed over may not be valid yet: the kind's schema says so. */
  onChange: (settings: Record<string, unknown>) => void
  disabled: boolean
}

const forms = Object.fromEntries(
  Object.entries(kinds).flatMap(([name, { settings }]) =>
    settings ? [[name, lazy(async () => ({ default: (await settings()).Settings }))]] : [],
  ),
)

/** Nothing for a kind that has nothing to set. */
export function Settings({ kind, ...props }: SettingsProps & { kind: string }) {
  const Form = forms[kind]
  return Form ? (
    <Suspense fallback={<Loading lines={4} />}>
      <Form {...props} />
    </Suspense>
  ) : null
}

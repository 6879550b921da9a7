/** Every annotation kind: one folder and one line. A screen is loaded by the browser alone, when it is first needed. */
import type { ComponentType } from 'react'
import { fail } from '../../platform/errors.ts'
import { compare } from './compare/rules.ts'
import type { AnyKind } from './kind.ts'
import type { JudgementProps } from './screen.ts'
import type { SettingsProps } from './settings.tsx'

interface Entry {
  rules: AnyKind
  /** Exports `Editor`, the way to judge, and `Reading`, the way to see a judgement. */
  screen: () => Promise<{
    Editor: ComponentType<JudgementProps>
    Reading: ComponentType<{ payload: unknown; settings: unknown }>
  }>
  /** Exports `Settings`, the form of what a template may set; none where there is nothing to set. */
  settings?: () => Promise<{ Settings: ComponentType<SettingsProps> }>
}

export const kinds: Record<string, Entry> = {
  compare: {
    rules: compare,
    screen: () => import('./compare/screen.tsx'),
    settings: () => import('./compare/settings.tsx'),
  },
}

export function kindOf(name: string): AnyKind {
  const entry = Object.hasOwn(kinds, name) ? kinds[name] : undefined
  return entry
    ? entry.rules
    : fail('bad_input', `There is no annotation kind "${name}".`, {
        hint: `It is one of ${Object.keys(kinds).join(', ')}.`,
      })
}

/** How labels of a key read, and a key as a list of what it expects. */
import { Text } from '@mantine/core'
import type { Expected } from './contract.ts'

/** `first` and `second` in stored order, as leads read them everywhere. */
export const words = (label: string) => label.replaceAll('_', ' ')

const sides: Record<string, string> = { first: 'A', second: 'B' }
/** `A` is what stood left, or above, on the person's screen. */
export const onScreen = (label: string) => sides[label] ?? words(label)

/** "preference: first"; with its step where the task has several. */
export const sayExpected = ({ step, attribute, label }: Expected, steps: number) =>
  `${steps > 1 ? `${step}, ` : ''}${attribute}: ${words(label)}`

export const Explanation = ({ text }: { text: string }) => (
  <Text maw="72ch" style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
    {text}
  </Text>
)

/** Judgements of one task as they were on one's own screen. */
import { Text } from '@mantine/core'
import { Reading } from '../../collect/kinds/reading.tsx'
import { namesOnScreen } from '../../collect/tasks/order.ts'
import type { ShownJudgement } from './contract.ts'

export const Judgements = ({ of }: { of: readonly ShownJudgement[] }) =>
  of.map(({ step, order, ...judgement }, place) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a step may judge several responses; their order is stored
    <div key={place}>
      {of.length > 1 && (
        <Text size="sm" c="dimmed">
          {step}
        </Text>
      )}
      <Reading {...judgement} names={namesOnScreen(order)} />
    </div>
  ))

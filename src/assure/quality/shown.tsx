/** How estimates and people read on the screens of quality. */
import { Badge, Group, Text } from '@mantine/core'
import { type Estimate, estimate } from '../../web/numbers.ts'

/** An estimate with interval and n, or why there is none. */
export const Shown = ({ of, as = 'percent' }: { of: Estimate | { undefined: string }; as?: 'percent' | 'decimal' }) =>
  'undefined' in of ? (
    <Text span size="sm" c="dimmed">
      {of.undefined}
    </Text>
  ) : (
    <span>{estimate(of, { as })}</span>
  )

export const Simulated = () => (
  <Badge color="yellow" flex="none">
    simulated
  </Badge>
)

/** A person by name; simulated people are marked wherever they stand. */
export const Who = ({ name, simulatedAs }: { name: string; simulatedAs: string | null }) => (
  <Group gap={6} wrap="nowrap" component="span">
    <span>{name}</span>
    {simulatedAs !== null && <Simulated />}
  </Group>
)

/** Names in charts, where no badge can stand. */
export const nameInChart = ({ name, simulatedAs }: { name: string; simulatedAs: string | null }) =>
  simulatedAs === null ? name : `${name} (sim.)`

export const isKnown = <T extends object>(one: T | { undefined: string }): one is T => !('undefined' in one)

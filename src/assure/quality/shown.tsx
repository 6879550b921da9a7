/** How estimates and people read on the screens of quality. */
import { Alert, Badge, Group, Stack, Text } from '@mantine/core'
import { useProject } from '../../web/current.tsx'
import { Go } from '../../web/link.tsx'
import { count, type Estimate, estimate, plural } from '../../web/numbers.ts'
import type { Basis, Finding, Suspicion } from './shapes.ts'

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

/** Over numbers that rest on the answers of simulated people too. */
export const SomeSimulated = () => (
  <Group gap="xs">
    <Simulated />
    <Text size="sm">Some of these people are simulated.</Text>
  </Group>
)

export const saysP = (p: number) => (p < 0.001 ? 'p < 0.001' : `p = ${p.toFixed(3)}`)

export const day = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeZone: 'UTC' })

/** Shares by day, week or month as points of a chart. */
export const pointsOf = (rows: { label: string; value: number; low: number; high: number; n: number }[]) =>
  rows.map(({ label, value: y, low, high, n }) => ({ x: new Date(label), y, low, high, n }))

/** Says so where the numbers leave older answers out. */
export const Rests = ({ on: { answers, capped } }: { on: Basis }) =>
  capped ? (
    <Text size="sm" c="dimmed">
      Rests on the newest {count(answers)} answers; older ones are left out.
    </Text>
  ) : null

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

export const suspicionNames: Record<Suspicion, string> = {
  careless: 'near chance',
  reversed: 'reversed',
  side: 'one side',
  length: 'one length',
  streaks: 'long streaks',
  haste: 'haste',
}

interface Person {
  id: string
  name: string
  simulatedAs: string | null
}

/** Why each of them stands out, and what to do; or that nobody does. */
export function Suspicions({ of: found, people }: { of: (Finding & { person: Person })[]; people: number }) {
  const { id: project } = useProject()
  if (!found.length) return <Text size="sm">Nobody stands out among {plural(people, 'person', 'people')}.</Text>
  return (
    <Stack gap="sm">
      {found.map(({ person, kind, why, advice, adjusted }) => (
        <Alert
          key={`${person.id} ${kind}`}
          color="yellow"
          variant="outline"
          title={
            <Group gap="xs" component="span">
              <Who {...person} />
              <Badge color="yellow">{suspicionNames[kind]}</Badge>
            </Group>
          }
        >
          <Stack gap={4} maw="80ch">
            <Text>{why}</Text>
            <Text>{advice}</Text>
            <Text size="sm" c="dimmed">
              {saysP(adjusted)}, adjusted for the number of people tested.{' '}
              <Go to={`/projects/${project}/tasks?person=${person.id}`}>Tasks that {person.name} answered</Go>
            </Text>
          </Stack>
        </Alert>
      ))}
    </Stack>
  )
}

/** What pulls at answers whatever the responses say: side of the screen, length and haste, of everybody and of each person. */
import { SimpleGrid, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { IntervalDots } from '../../web/charts/interval-dots.tsx'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { Go } from '../../web/link.tsx'
import { method } from '../../web/methods/method.tsx'
import { percent } from '../../web/numbers.ts'
import { Empty, Pending } from '../../web/states.tsx'
import { quality } from './contract.ts'
import { GroupSection } from './group-section.tsx'
import type { PersonQuality } from './shapes.ts'
import { isKnown, nameInChart, Rests, Shown, SomeSimulated, saysP } from './shown.tsx'

const api = clientOf({ quality }).quality

type Tested = { value: number; low: number; high: number; n: number; p: number }

const sides = method('bias-sides', 'Exact test against one half')
const lengths = method('bias-features', 'Random slopes by person')

const speeds = method('bias-speed', 'Rank sums within each person')

/** Sides are drawn by lot, so anything but a half is bias; a longer response may well be the better one. */
function aboutSides({ value, low, high, p }: Tested): string {
  if (low <= 0.5 && high >= 0.5) return `No sign of it: one half lies in the interval (${saysP(p)}).`
  return `The ${value > 0.5 ? 'left' : 'right'} is chosen too often (${saysP(p)}). Sides are drawn by lot for each person, so that it evens out over many votes; the chart shows whom it comes from.`
}

function aboutLength({ value, low, high, p }: Tested): string {
  if (low <= 0 && high >= 0)
    return `No sign of it: being twice as long changes the odds by nothing surely (${saysP(p)}).`
  return `A response twice as long has ${Math.exp(value).toFixed(2)} [${Math.exp(low).toFixed(2)}, ${Math.exp(high).toFixed(2)}] times the odds of being chosen (${saysP(p)}). It may be the better one for it: compare with the leaderboard at equal length, and hold the reward model against “longer wins”.`
}

function aboutSpeed({ value, low, high, p }: Tested): string {
  if (low <= 0.5 && high >= 0.5) return `No sign that haste costs agreement (${saysP(p)}).`
  return value > 0.5
    ? `Answers that others share took longer (${saysP(p)}): haste seems to cost agreement. Ask for less a day, or more time for each.`
    : `Answers that others share were quicker (${saysP(p)}): hard tasks take time and are contested, which is no haste.`
}

export function BiasTab() {
  const { id: project } = useProject()
  const pool = useQuery({
    queryKey: ['quality', project, 'bias'],
    queryFn: ({ signal }) => api.bias({ project }, { signal }),
  })
  const people = useQuery({
    queryKey: ['quality', project, 'people'],
    queryFn: ({ signal }) => api.people({ project }, { signal }),
  })
  if (!pool.data || !people.data) {
    const { error, refetch } = pool.error ? pool : people
    return <Pending error={error} onRetry={refetch} lines={8} what="Measuring bias" />
  }
  const { position, length, longer, speed, simulated, basis } = pool.data
  if (!people.data.rows.length)
    return (
      <Empty title="No comparison yet" action={<Go to={`/projects/${project}/tasks`}>See the tasks</Go>}>
        Once people have compared responses, this place shows whether side or length pull at their choice.
      </Empty>
    )
  const dots = (of: (row: PersonQuality) => Tested | { undefined: string }) =>
    people.data.rows.flatMap((row) => {
      const test = of(row)
      return isKnown(test) ? [{ label: nameInChart(row.person), ...test }] : []
    })
  return (
    <Stack gap="xl">
      {simulated && <SomeSimulated />}
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="xl">
        <Stack gap="sm">
          <IntervalDots
            title="Share of the left of the screen"
            method={sides}
            unit="left"
            as="percent"
            domain={[0, 1]}
            reference={0.5}
            rows={[...(isKnown(position) ? [{ label: 'everybody', ...position }] : []), ...dots((row) => row.leftSide)]}
          />
          <Text maw="65ch">
            Everybody: <Shown of={position} />. {isKnown(position) && aboutSides(position)}
          </Text>
        </Stack>
        <Stack gap="sm">
          <IntervalDots
            title="What a response gains by being twice as long"
            method={lengths}
            unit="log odds"
            reference={0}
            rows={[...(isKnown(length) ? [{ label: 'everybody', ...length }] : []), ...dots((row) => row.length)]}
          />
          <Text maw="65ch">
            The longer response won <Shown of={longer} />. {isKnown(length) && aboutLength(length)}
          </Text>
        </Stack>
        <Stack gap="sm">
          <IntervalDots
            title="An agreed answer took longer than another"
            method={speeds}
            unit="chance"
            as="percent"
            domain={[0, 1]}
            reference={0.5}
            rows={[...(isKnown(speed) ? [{ label: 'everybody', ...speed }] : []), ...dots((row) => row.speed)]}
          />
          <Text maw="65ch">
            Everybody: <Shown of={speed} />. {isKnown(speed) && aboutSpeed(speed)}
          </Text>
        </Stack>
      </SimpleGrid>
      <Text size="sm" c="dimmed" maw="72ch">
        Intervals of {percent(0.95)}; whoever has too few comparisons is not drawn. What a single person should hear of
        it stands under <Go to={`/projects/${project}/annotators`}>Annotators</Go>.
      </Text>
      <Rests on={basis} />
      <GroupSection />
    </Stack>
  )
}

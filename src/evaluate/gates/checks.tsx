/** The list of checks: value, threshold, verdict, and why; a card each where the window is narrow. */
import { Badge, Group, Stack, Table, Text, Title } from '@mantine/core'
import { count, estimate } from '../../web/numbers.ts'
import type { Gate } from './contract.ts'
import { asPercent, titles } from './say.ts'

const colours = { pass: 'green', fail: 'red', unknown: 'gray' } as const

const Verdict = ({ verdict }: Pick<Gate, 'verdict'>) => (
  <Badge color={colours[verdict]} miw="max-content">
    {verdict}
  </Badge>
)

function thresholdOf({ gate, threshold: { above, below } }: Gate): string {
  const say = (value: number) => estimate({ value }, asPercent(gate) ? { as: 'percent' } : { digits: 1 })
  if (above !== undefined && below !== undefined) return `${say(above)} to ${say(below)}`
  return above === undefined ? `at most ${say(below!)}` : `above ${say(above)}`
}

function Value({ one: { gate, value, low, high, n } }: { one: Gate }) {
  if (value === null) return <Text c="dimmed">–</Text>
  return (
    <Text style={{ whiteSpace: 'nowrap' }}>
      {estimate({ value, low, high }, asPercent(gate) ? { as: 'percent' } : {})}
      {n !== undefined && (
        <Text span size="xs" c="dimmed" display="block">
          n = {count(n)}
        </Text>
      )}
    </Text>
  )
}

const Named = ({ one }: { one: Gate }) => (
  <>
    {titles[one.gate]}
    {!one.required && (
      <Text size="xs" c="dimmed" fw={400}>
        shown, not required
      </Text>
    )}
  </>
)

const Looser = ({ one: { looser } }: { one: Gate }) =>
  looser ? (
    <Text size="xs" c="var(--warn)">
      Looser than usual: {looser}
    </Text>
  ) : null

export const Checks = ({ gates }: { gates: readonly Gate[] }) => (
  <section aria-labelledby="checks">
    <Title order={2} id="checks" mb="sm">
      Checks
    </Title>
    <Table verticalSpacing="xs" visibleFrom="md">
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">Gate</Table.Th>
          <Table.Th scope="col">Verdict</Table.Th>
          <Table.Th scope="col">Value</Table.Th>
          <Table.Th scope="col">Must be</Table.Th>
          <Table.Th scope="col">Why</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {gates.map((one) => (
          <Table.Tr key={one.gate}>
            <Table.Th scope="row" fw={600}>
              <Named one={one} />
            </Table.Th>
            <Table.Td>
              <Verdict verdict={one.verdict} />
            </Table.Td>
            <Table.Td>
              <Value one={one} />
            </Table.Td>
            <Table.Td>
              <span style={{ whiteSpace: 'nowrap' }}>{thresholdOf(one)}</span>
              <Looser one={one} />
            </Table.Td>
            <Table.Td maw="34rem">
              <Text size="sm">{one.why}</Text>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
    <Stack gap="lg" hiddenFrom="md">
      {gates.map((one) => (
        <Stack gap={4} key={one.gate}>
          <Group justify="space-between" wrap="nowrap" align="flex-start">
            <Text component="div" fw={600}>
              <Named one={one} />
            </Text>
            <Verdict verdict={one.verdict} />
          </Group>
          <Text size="sm">{one.why}</Text>
          <Looser one={one} />
        </Stack>
      ))}
    </Stack>
    <Text size="sm" c="dimmed" className="prose" mt="sm">
      A gate passes where the whole interval of 95% lies on the right side of its threshold. What is not required is
      shown and stops nobody.
    </Text>
  </section>
)

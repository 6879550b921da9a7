/** Whether people who share a skill see things their own way; or that nobody carries any. */
import { Stack, Table, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { Go } from '../../web/link.tsx'
import { By } from '../../web/methods/method.tsx'
import { count, decimal } from '../../web/numbers.ts'
import { Pending } from '../../web/states.tsx'
import { WideTable } from '../../web/wide-table.tsx'
import { quality } from './contract.ts'
import type { GroupBias } from './shapes.ts'
import { isKnown, Rests, saysP } from './shown.tsx'

const api = clientOf({ quality }).quality

type Result = Exclude<GroupBias['result'], { undefined: string }>

const level = 0.05

function verdict({ inGroup, crossGroup }: Result): string {
  const apart = crossGroup.adjusted < level && crossGroup.value < crossGroup.expected
  const together = inGroup.adjusted < level && inGroup.value > inGroup.expected
  if (apart && together) return 'A view of its own: keep both answers as a soft label.'
  if (apart) return 'Agrees less with the others than a group drawn at random would.'
  if (together) return 'Agrees more with itself than a group drawn at random would.'
  if (inGroup.adjusted < level) return 'Agrees less with itself than a group drawn at random would.'
  return 'No sign of a view of its own.'
}

const Test = ({ of: { value, expected, adjusted } }: { of: Result['inGroup'] }) => (
  <>
    {decimal(value)} (at random {decimal(expected)}; {saysP(adjusted)})
  </>
)

export function GroupSection() {
  const { id: project } = useProject()
  const { data, error, refetch } = useQuery({
    queryKey: ['quality', project, 'groups'],
    queryFn: ({ signal }) => api.groups({ project }, { signal }),
  })
  return (
    <section aria-labelledby="groups">
      <Title order={2} id="groups" mb="sm">
        Groups of people
      </Title>
      {!data ? (
        <Pending error={error} onRetry={refetch} lines={4} what="Comparing groups" />
      ) : !data.people ? (
        <Text maw="72ch">
          There are no groups: none of the people who have answered carries a skill. Give members skills under{' '}
          <Go to={`/projects/${project}/people`}>People</Go> (a language, a background, a team), and this place shows
          whether those who share one see things their own way.
        </Text>
      ) : (
        <Stack gap="sm">
          <Groups rows={data.rows} />
          <Text size="sm" c="dimmed" maw="72ch">
            Reliability as in <By page="bias-groups" name="in-group and cross-group cohesion" />: 1 where all agree, 0
            where agreement is what chance would give. Held against people dealt into groups at random, p adjusted for
            the number of tests; a group needs {data.fewest} people on either side.
          </Text>
          <Rests on={data.basis} />
        </Stack>
      )}
    </section>
  )
}

const Groups = ({ rows }: { rows: GroupBias[] }) => (
  <WideTable minWidth={760} head={['Skill', 'People', 'Among themselves', 'With the others', 'What it says']}>
    <Table.Tbody>
      {rows.map(({ skill, people, others, result }) => (
        <Table.Tr key={skill}>
          <Table.Td fw={600}>{skill}</Table.Td>
          <Table.Td>
            {count(people)} of {count(people + others)}
          </Table.Td>
          {isKnown(result) ? (
            <>
              <Table.Td>
                <Test of={result.inGroup} />
              </Table.Td>
              <Table.Td>
                <Test of={result.crossGroup} />
              </Table.Td>
              <Table.Td>
                {verdict(result)} n = {count(result.items)} tasks.
              </Table.Td>
            </>
          ) : (
            <Table.Td colSpan={3} c="dimmed">
              {result.undefined}
            </Table.Td>
          )}
        </Table.Tr>
      ))}
    </Table.Tbody>
  </WideTable>
)

/** Annotators: what each person does, in the order of names; nobody is ranked. What stands out is said with reason and advice. */
import { Alert, Badge, Group, SimpleGrid, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useAddress } from '../../web/address.ts'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { Go } from '../../web/link.tsx'
import { By } from '../../web/methods/method.tsx'
import { count, duration, estimate, percent } from '../../web/numbers.ts'
import { Page } from '../../web/shell.tsx'
import { Side } from '../../web/side.tsx'
import { Empty } from '../../web/states.tsx'
import { type Column, Table } from '../../web/table.tsx'
import { quality } from './contract.ts'
import type { PersonQuality } from './shapes.ts'
import { isKnown, Rests, Shown, Suspicions, suspicionNames, Who } from './shown.tsx'

const api = clientOf({ quality }).quality

const columns: Column<PersonQuality>[] = [
  { key: 'name', header: 'Name', width: '14rem', cell: ({ person }) => <Who {...person} /> },
  {
    key: 'findings',
    header: 'Stands out',
    width: '8rem',
    cell: ({ findings }) => (
      <Group gap={4}>
        {findings.map(({ kind }) => (
          <Badge key={kind} color="yellow">
            {suspicionNames[kind]}
          </Badge>
        ))}
      </Group>
    ),
  },
  { key: 'answered', header: 'Answers', numeric: true, cell: ({ answered }) => count(answered) },
  { key: 'activeMs', header: 'Time', numeric: true, width: '6.5rem', cell: ({ activeMs }) => duration(activeMs) },
  {
    key: 'medianMs',
    header: 'Median',
    numeric: true,
    cell: ({ medianMs }) => duration(medianMs),
  },
  { key: 'skipped', header: 'Skipped', numeric: true, hidden: true, cell: ({ skipped }) => count(skipped) },
  { key: 'agreement', header: 'Agrees with others', width: '12rem', cell: ({ agreement }) => <Shown of={agreement} /> },
  { key: 'reliability', header: 'Reliability', width: '12rem', cell: ({ reliability }) => <Shown of={reliability} /> },
  { key: 'leftSide', header: 'Chose the left', width: '12rem', cell: ({ leftSide }) => <Shown of={leftSide} /> },
  {
    key: 'length',
    header: 'Gain of length',
    width: '13rem',
    hidden: true,
    cell: ({ length }) => <Shown of={length} as="decimal" />,
  },
  {
    key: 'reviews',
    header: 'Reviewed',
    width: '12rem',
    hidden: true,
    cell: ({ reviews }) => saidOf(reviews),
  },
]

const saidOf = ({ accepted, corrected, returned }: PersonQuality['reviews']) =>
  `${count(accepted)} accepted, ${count(corrected)} corrected, ${count(returned)} returned`

/** One question for table, findings and the person beside it. */
const usePeople = (project: string) =>
  useQuery({
    queryKey: ['quality', project, 'people'],
    queryFn: ({ signal }) => api.people({ project }, { signal }),
  })

export function Screen() {
  const { id: project } = useProject()
  const [{ row }, setAddress] = useAddress()
  const { data } = usePeople(project)
  const chosen = data?.rows.find(({ person }) => person.id === row)
  return (
    <Page title="Annotators">
      <Stack gap="lg">
        <Text size="sm" c="dimmed" maw="72ch">
          In the order of names. Reliability is the probability that an answer names what all answers together point to
          (
          <By page="truth-ibcc" name="IBCC" />
          ), sides by an <By page="bias-sides" name="exact test" />, length by{' '}
          <By page="bias-features" name="random slopes" />; intervals of 95%. Agreement is no accuracy: who differs may
          be right.
        </Text>
        {data && <StandingOut rows={data.rows} />}
        {data && <Rests on={data.basis} />}
        <Table<PersonQuality>
          name="annotators"
          label="Annotators"
          queryKey={['quality', project, 'annotators']}
          load={({ signal }) => api.people({ project }, { signal })}
          columns={columns}
          rowKey={({ person }) => person.id}
          empty={
            <Empty
              title="Nobody has worked here yet"
              action={<Go to={`/projects/${project}/people`}>Invite people</Go>}
            >
              Each person’s work, pace, agreement and habits appear with the first answers.
            </Empty>
          }
        />
      </Stack>
      <Side title="Annotator" opened={row !== undefined} onClose={() => setAddress({ row: undefined })}>
        {chosen && <OnePerson of={chosen} />}
      </Side>
    </Page>
  )
}

function StandingOut({ rows }: { rows: PersonQuality[] }) {
  const found = rows.flatMap(({ person, findings }) => findings.map((finding) => ({ ...finding, person })))
  if (!rows.length) return null
  return (
    <section aria-labelledby="standing-out">
      <Title order={2} id="standing-out" mb="sm">
        What stands out
      </Title>
      <Suspicions of={found} people={rows.filter(({ answered }) => answered > 0).length} />
    </section>
  )
}

const Fact = ({ name, children }: { name: string; children: ReactNode }) => (
  <div>
    <Text size="sm" c="dimmed">
      {name}
    </Text>
    <Text component="div">{children}</Text>
  </div>
)

function OnePerson({ of }: { of: PersonQuality }) {
  const { id: project } = useProject()
  const {
    person,
    answered,
    activeMs,
    medianMs,
    skipped,
    agreement,
    reliability,
    leftSide,
    length,
    speed,
    reviews,
    findings,
  } = of
  return (
    <Stack gap="lg">
      <Group gap="sm">
        <Title order={2}>
          <Who {...person} />
        </Title>
      </Group>
      {findings.map(({ kind, why, advice }) => (
        <Alert key={kind} color="yellow" variant="outline" title={`What stands out: ${suspicionNames[kind]}`}>
          <Text>{why}</Text>
          <Text mt={4}>{advice}</Text>
        </Alert>
      ))}
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="md">
        <Fact name="Answers">
          {count(answered)}, skipped {count(skipped)}
        </Fact>
        <Fact name="Time">
          {duration(activeMs)}, median {duration(medianMs)} an answer
        </Fact>
        <Fact name="Agrees with others on the preference">
          <Shown of={agreement} />
        </Fact>
        <Fact name="Reliability">
          {isKnown(reliability) ? (
            `${estimate(reliability, { as: 'percent' })}; chance would give ${percent(reliability.chance)}`
          ) : (
            <Shown of={reliability} />
          )}
        </Fact>
        <Fact name="Chose the left of the screen">
          {isKnown(leftSide) ? (
            `${estimate(leftSide, { as: 'percent' })}; p = ${leftSide.adjusted.toPrecision(2)}, adjusted for the number of people`
          ) : (
            <Shown of={leftSide} />
          )}
        </Fact>
        <Fact name="Log odds gained by twice the length">
          {isKnown(length) ? `${estimate(length)}; the longer one in ${percent(length.longer)}` : <Shown of={length} />}
        </Fact>
        <Fact name="An agreed answer took longer than another">
          <Shown of={speed} />
        </Fact>
        <Fact name="Reviewed">{saidOf(reviews)}</Fact>
      </SimpleGrid>
      <Go to={`/projects/${project}/tasks?person=${person.id}`}>Tasks that {person.name} answered</Go>
    </Stack>
  )
}

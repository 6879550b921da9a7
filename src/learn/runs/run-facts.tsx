/** The facts of a run: what it is made of, how far it is, what was measured, its settings, its log. */
import { Badge, Code, Group, Stack, Table, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { useProject } from '../../web/current.tsx'
import { Go } from '../../web/link.tsx'
import { bytes, count, duration, plural } from '../../web/numbers.ts'
import { Problem, Progress } from '../../web/states.tsx'
import { Ago, clock } from '../../web/time.tsx'
import type { ShownRun } from './contract.ts'
import { ownSettings } from './fields.ts'
import { measuredLines } from './measured.ts'
import classes from './runs.module.css'
import { useLog, useSeries } from './use-runs.ts'
import { algorithmWords, sayEvent, stateColours } from './words.ts'

/** What it is made of, in links, and how far it is. */
export function How({ run }: { run: ShownRun }) {
  const { id: project } = useProject()
  const to = (page: string, name: string) => <Go to={`/projects/${project}/${page}`}>{name}</Go>
  const { algorithm, snapshot, base, baseId, reward, checkpoint, forkedFrom, startedAt, endedAt } = run
  const took = startedAt && new Date(endedAt ?? Date.now()).getTime() - new Date(startedAt).getTime()
  const facts: [string, ReactNode][] = [
    [
      'State',
      <Badge key="state" color={stateColours[run.state]}>
        {run.state}
      </Badge>,
    ],
    ['Algorithm', algorithmWords[algorithm].name],
    ['Dataset', to(`datasets?dataset=${encodeURIComponent(snapshot.name)}`, snapshot.name)],
    ['From', baseId ? to(`models?row=${baseId}`, base) : base],
    ...(reward
      ? [
          [
            'Scored by',
            reward === 'online'
              ? to('reward', 'the reward that learns while people work')
              : to(`models?row=${reward.id}`, reward.name),
          ] as [string, ReactNode],
        ]
      : []),
    ...(checkpoint
      ? [
          [
            'Made',
            <Group key="made" gap="md">
              {to(`models?row=${checkpoint.id}`, checkpoint.name)}
              {to(`lineage?checkpoint=${checkpoint.id}`, 'where it comes from')}
            </Group>,
          ] as [string, ReactNode],
        ]
      : []),
    ...(forkedFrom ? [['Forked from', to(`runs?run=${forkedFrom.id}`, forkedFrom.name)] as [string, ReactNode]] : []),
    ['Begun', startedAt ? <Ago key="begun" at={startedAt} /> : 'not yet'],
    ...(took ? [[endedAt ? 'Took' : 'For', duration(took)] as [string, ReactNode]] : []),
  ]
  return (
    <Stack gap="md">
      <dl className={classes.facts}>
        {facts.map(([name, value]) => (
          <div key={name} style={{ display: 'contents' }}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <HowFar run={run} />
      {run.problem && run.state !== 'done' && (
        <Problem error={run.problem} title={run.state === 'stopped' ? 'It stopped by itself' : undefined} />
      )}
    </Stack>
  )
}

function HowFar({ run }: { run: ShownRun }) {
  const { id: project } = useProject()
  const { data } = useSeries(project, run.id)
  if (run.state === 'waiting')
    return (
      <Text role="status">
        {run.waitsFor > 0
          ? `Waits for its turn: one run trains at a time on this machine, ${plural(run.waitsFor, 'run')} before this one.`
          : 'Begins in a moment.'}
      </Text>
    )
  if (run.state !== 'running') return null
  const { step, steps, note } = run
  return (
    <Progress
      label={steps ? `Step ${count(step)} of ${count(steps)}` : 'Preparing'}
      done={step}
      total={steps ?? undefined}
      leftMs={data?.latest ? data.latest.etaSeconds * 1000 : undefined}
      detail={note}
    />
  )
}

export function Ended({ run: { summary } }: { run: ShownRun }) {
  const lines = measuredLines(summary?.eval ?? {})
  if (!lines.length) return null
  return (
    <section aria-labelledby="measured">
      <Title order={2} id="measured" mb="xs">
        Measured at its end
      </Title>
      <Table maw="36rem" verticalSpacing={4}>
        <Table.Tbody>
          {lines.map(({ key, name, text }) => (
            <Table.Tr key={key}>
              <Table.Th scope="row" fw={400}>
                {name}
              </Table.Th>
              <Table.Td>{text}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  )
}

export function Settings({ run: { algorithm, began, settings } }: { run: ShownRun }) {
  const rows = Object.entries(ownSettings(algorithm, began?.settings ?? settings))
  return (
    <details>
      <summary>Settings</summary>
      {began && (
        <Text size="sm" my="xs">
          {plural(began.rows, 'row')}, {count(began.evalRows)} held out; {count(began.trainedParameters)} of{' '}
          {count(began.parameters)} weights trained; about {bytes(began.estimatedBytes)} of memory.
        </Text>
      )}
      <Table maw="32rem" verticalSpacing={3}>
        <Table.Tbody>
          {rows.map(([name, value]) => (
            <Table.Tr key={name}>
              <Table.Th scope="row" fw={name in settings ? 600 : 400}>
                {name}
              </Table.Th>
              <Table.Td>
                <Code>{JSON.stringify(value)}</Code>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Text size="sm" c="dimmed">
        In bold what was set; the rest is default.
      </Text>
    </details>
  )
}

export function Log({ run }: { run: ShownRun }) {
  const { id: project } = useProject()
  const { data = [] } = useLog(project, run.id)
  const lines = data.flatMap(({ seq, at, event }) => {
    const text = sayEvent(event)
    return text ? [{ seq, at, text }] : []
  })
  if (!lines.length) return null
  return (
    <section aria-labelledby="log">
      <Title order={2} id="log" mb="xs">
        What happened
      </Title>
      <Stack component="ol" gap={2} p={0} m={0} style={{ listStyle: 'none' }}>
        {lines.map(({ seq, at, text }) => (
          <Text key={seq} component="li" size="sm">
            <Text component="span" c="dimmed" size="sm" mr="sm">
              {clock(new Date(at))}
            </Text>
            {text}
          </Text>
        ))}
      </Stack>
    </section>
  )
}

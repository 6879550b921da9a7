/** How far a head to head is, what moves it, and what it came to: people and reward on lines of their own. */
import { Alert, Button, Group, Stack, Table, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { Known } from '../../platform/contract.ts'
import { OutcomeBars } from '../../web/charts/outcome-bars.tsx'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { Go } from '../../web/link.tsx'
import { By, method } from '../../web/methods/method.tsx'
import { notifyProblem } from '../../web/notices.tsx'
import { count, decimal, estimate, plural } from '../../web/numbers.ts'
import { Problem, Progress } from '../../web/states.tsx'
import { WideTable } from '../../web/wide-table.tsx'
import { type HeadToHead, headToHeads, type TextCheck } from './contract.ts'

const api = clientOf({ headToHeads }).headToHeads

/** `0.63 [0.58, 0.68]`, or why there is no number. */
export const knownText = (known: Known, as?: 'percent'): string =>
  'undefined' in known ? known.undefined : estimate(known, { as })

function useActs({ id }: HeadToHead) {
  const { id: project } = useProject()
  const queries = useQueryClient()
  const onSuccess = () => queries.invalidateQueries({ queryKey: ['head-to-head', project] })
  const act = (run: typeof api.retry) => ({
    mutationFn: () => run({ project, headToHead: id }),
    onSuccess,
    onError: notifyProblem,
  })
  return { retry: useMutation(act(api.retry)), finish: useMutation(act(api.finish)) }
}

export function UnderWay({ shown }: { shown: HeadToHead }) {
  const { id: project, can } = useProject()
  const { retry, finish } = useActs(shown)
  const { responses, judgements } = shown.progress
  const writes = can('task.write')
  const again = writes && responses.failed > 0 && (
    <Button size="xs" variant="default" loading={retry.isPending} onClick={() => retry.mutate()}>
      Ask for the missing answers again
    </Button>
  )
  if (shown.state === 'failed')
    return (
      <Stack gap="xs" align="flex-start">
        {shown.problem && <Problem error={shown.problem} title="The answers could not be drawn" />}
        {again}
      </Stack>
    )
  if (shown.state === 'done' && !responses.failed) return null
  return (
    <Stack gap="sm">
      {shown.state === 'sampling' && (
        <Progress
          label="Both policies answer"
          done={responses.done + responses.failed}
          total={responses.total}
          detail={`${count(responses.done)} of ${plural(responses.total, 'answer')} drawn`}
        />
      )}
      {shown.state === 'judging' && (
        <>
          <Progress
            label="People compare the answers"
            done={judgements.done}
            total={judgements.wanted}
            detail={
              judgements.done < judgements.wanted
                ? `${count(judgements.done)} of ${plural(judgements.wanted, 'judgement')} are in; what stands below is not the end.`
                : 'All judgements are in; the reward and the distance are still being measured.'
            }
          />
          <Group gap="sm">
            <Go to={`/projects/${project}/tasks?purpose=evaluation`}>See the tasks</Go>
            {writes && judgements.done < judgements.wanted && (
              <Button size="xs" variant="default" loading={finish.isPending} onClick={() => finish.mutate()}>
                End with what is in
              </Button>
            )}
          </Group>
        </>
      )}
      {shown.state !== 'sampling' && responses.failed > 0 && (
        <Alert color="yellow" variant="outline" title={`${plural(responses.failed, 'answer')} missing`}>
          <Stack gap="xs" align="flex-start">
            <Text size="sm">Prompts without an answer of both are no part of what is said below.</Text>
            {again}
          </Stack>
        </Alert>
      )}
    </Stack>
  )
}

const rateOf = (known: Known) => ('undefined' in known ? undefined : known)

export function Result({ shown }: { shown: HeadToHead }) {
  const { candidate, baseline, human, byReward } = shown
  const rows = [
    { label: 'People', ...human, rate: rateOf(human.winRate) },
    ...(byReward ? [{ label: 'Reward', ...byReward, rate: rateOf(byReward.winRate) }] : []),
  ]
  return (
    <Stack gap="lg">
      <OutcomeBars
        title={`${candidate.name} against ${baseline.name}`}
        method={method('evaluation-win-rate', 'Share won, a tie as half, prompts kept together')}
        of="comparison"
        rows={rows}
        note="Above: won, tied and lost by the candidate. Below it: the share won with its interval of 95%. The reward’s line is its own opinion, no judgement of people."
      />
      <Numbers shown={shown} />
    </Stack>
  )
}

const checkNames: Readonly<Record<TextCheck, string>> = {
  refusal: 'Answers that decline',
  repetition: 'Answers that go in circles',
  language: 'In another language than the prompt',
  personal: 'With personal data',
}

function Numbers({ shown }: { shown: HeadToHead }) {
  const { id: project } = useProject()
  const { human, byReward, length, texts, kl, identical, trainedOn } = shown
  const { leftOut } = human
  const rows: [string, string, ReactNode?][] = [
    ['People prefer the candidate', knownText(human.winRate, 'percent'), votesOf(human)],
    ['at equal length', knownText(human.lengthControlled, 'percent')],
    ...(leftOut.judgements
      ? ([
          [
            'Left out',
            `${plural(leftOut.judgements, 'judgement')} of ${plural(leftOut.people, 'person', 'people')}`,
            <span key="why">
              their work looked careless or biased when this began:{' '}
              <Go to={`/projects/${project}/quality?tab=findings`}>Findings</Go>
            </span>,
          ],
        ] as [string, string, ReactNode][])
      : []),
    ...(byReward
      ? ([
          [`${byReward.name} prefers it`, knownText(byReward.winRate, 'percent')],
          ['at equal length', knownText(byReward.lengthControlled, 'percent')],
        ] as [string, string][])
      : []),
    [
      'Length in characters',
      length.candidate === null
        ? 'no answers yet'
        : `${decimal(length.candidate, 0)} to ${decimal(length.baseline, 0)}`,
      `ratio ${knownText(length.ratio)}`,
    ],
    ...texts.map(({ check, candidate, baseline }): [string, string] => [
      checkNames[check],
      `${estimate(candidate, { as: 'percent' })} to ${estimate(baseline, { as: 'percent' })}`,
    ]),
    ['Nats a token from the baseline', knownText(kl)],
    ['Both gave the same text', plural(identical, 'prompt'), 'ties by rule; nobody is asked'],
    ...(trainedOn
      ? ([['The candidate was trained on', plural(trainedOn, 'prompt'), 'these do not count for its gates']] as [
          string,
          string,
          string,
        ][])
      : []),
  ]
  return (
    <section aria-label="Numbers">
      <WideTable minWidth={360} verticalSpacing={5} maw="60rem">
        <Table.Tbody>
          {rows.map(([name, value, note], place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows have their place, and two are named alike
            <Table.Tr key={place}>
              <Table.Th scope="row" fw={500}>
                {name}
              </Table.Th>
              <Table.Td>{value}</Table.Td>
              <Table.Td>
                <Text size="sm" c="dimmed" component="div">
                  {note}
                </Text>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </WideTable>
      <Text size="sm" c="dimmed" className="prose" mt="xs">
        Intervals of 95%: <By page="evaluation-win-rate" name="Wilson’s, by prompts" />; at equal length by a{' '}
        <By page="evaluation-length-controlled" name="logistic regression" />.
      </Text>
    </section>
  )
}

const votesOf = ({ judgements, people, bothBad, simulated }: HeadToHead['human']) =>
  `${plural(judgements, 'judgement')} of ${plural(people, simulated ? 'person, simulated' : 'person', simulated ? 'people, some simulated' : 'people')}${
    bothBad ? `; ${count(bothBad)} said that both are bad` : ''
  }`

/** The same prompts side by side, where people and reward disagree first; open a task to see who said what. */
import { Anchor, Badge, Button, Group, Select, Stack, Switch, Text, Title } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Conversation } from '../../collect/prompts/conversation.tsx'
import { useAddress } from '../../web/address.ts'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { SideDiff } from '../../web/diff.tsx'
import { useKeys } from '../../web/keys.tsx'
import { Go } from '../../web/link.tsx'
import { Markdown } from '../../web/markdown.tsx'
import { count, decimal, plural } from '../../web/numbers.ts'
import { Pending } from '../../web/states.tsx'
import { type HeadToHead, headToHeads, type Pair, winners } from './contract.ts'
import classes from './pairs.module.css'

const api = clientOf({ headToHeads }).headToHeads

type Winner = (typeof winners)[number]
const isWinner = (value: string | undefined): value is Winner => winners.some((one) => one === value)

const pageSize = 20

/** `apart`: those alone where people and reward name different winners. */
export function Pairs({ shown, apart = false }: { shown: HeadToHead; apart?: boolean }) {
  const { id: project } = useProject()
  const [{ who, disagree }, setAddress] = useAddress()
  const isApart = apart || disagree !== undefined
  const [marked, setMarked] = useState(true)
  useKeys([{ key: 'd', label: 'Mark where they differ', run: () => setMarked((old) => !old) }], 'Answers')
  const winner = isWinner(who) ? who : undefined
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    // With each judgement the order may be another.
    queryKey: ['head-to-head', project, shown.id, 'pairs', winner, isApart, shown.state, shown.human.judgements],
    queryFn: ({ pageParam, signal }) =>
      api.pairs(
        {
          project,
          headToHead: shown.id,
          winner,
          disagree: isApart ? 'true' : undefined,
          limit: pageSize,
          after: pageParam ?? undefined,
        },
        { signal },
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    placeholderData: (old) => old,
  })
  const rows = data?.pages.flatMap((page) => page.rows)
  const names = { candidate: shown.candidate.name, baseline: shown.baseline.name }
  return (
    <section aria-labelledby="pairs">
      <Title order={2} id="pairs" mb="sm">
        {apart ? 'Where people and the reward part' : 'Answers'}
      </Title>
      <Group gap="lg" align="flex-end" mb="md">
        <Select
          label="By people"
          size="xs"
          w="13rem"
          clearable
          placeholder="All"
          data={winners.map((value) => ({ value, label: saying(value, names) }))}
          value={winner ?? null}
          onChange={(value) => setAddress({ who: value ?? undefined }, { replace: true })}
        />
        {shown.byReward && !apart && (
          <Switch
            label="Only where people and reward disagree"
            checked={isApart}
            onChange={(event) =>
              setAddress({ disagree: event.currentTarget.checked ? '1' : undefined }, { replace: true })
            }
          />
        )}
        <Switch
          label="Mark where they differ"
          checked={marked}
          onChange={(event) => setMarked(event.currentTarget.checked)}
        />
      </Group>
      {!rows ? (
        <Pending error={error} onRetry={refetch} lines={8} what="Reading the answers" />
      ) : rows.length === 0 ? (
        <Text c="dimmed">Nothing matches.</Text>
      ) : (
        <Stack gap="xl">
          {rows.map((pair) => (
            <PairOfAnswers key={pair.prompt} pair={pair} names={names} marked={marked} />
          ))}
          {hasNextPage && (
            <Group>
              <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
                Show more
              </Button>
            </Group>
          )}
        </Stack>
      )}
    </section>
  )
}

type Names = Record<'candidate' | 'baseline', string>

const saying = (winner: Winner, names: Names): string =>
  ({
    candidate: `${names.candidate} won`,
    baseline: `${names.baseline} won`,
    tie: 'Tie',
    'both-bad': 'Both bad',
    'not-judged': 'Not judged',
  })[winner]

/** Whether people and reward name opposite winners. */
const namesApart = ({ people, reward }: Pair): boolean =>
  reward !== null &&
  ((people.winner === 'candidate' && reward.winner === 'baseline') ||
    (people.winner === 'baseline' && reward.winner === 'candidate'))

function votesOf({ people: { wins, losses, ties, bothBad, leftOut } }: Pair): string {
  const parts = [`${wins} to ${losses}`, ties && plural(ties, 'tie'), bothBad && `${bothBad} both bad`]
  const votes = wins + losses + ties + bothBad > 1 ? ` (${parts.filter(Boolean).join(', ')})` : ''
  return leftOut ? `${votes}, ${count(leftOut)} left out` : votes
}

export function PairOfAnswers({ pair, names, marked }: { pair: Pair; names: Names; marked: boolean }) {
  const { id: project } = useProject()
  const { candidate, baseline, people, reward, task, identical, trainedOn, problem } = pair
  return (
    <article className={classes.pair}>
      <Conversation turns={pair.turns} />
      <div className={classes.sides}>
        <Side name={names.candidate} text={candidate} against={marked ? baseline : null} why={problem} />
        <Side name={names.baseline} text={baseline} against={marked ? candidate : null} why={problem} />
      </div>
      <Group gap="sm">
        <Text size="sm">
          {identical ? 'The same text: a tie by rule' : `People: ${saying(people.winner, names)}${votesOf(pair)}`}
        </Text>
        {reward && !identical && (
          <Text size="sm">
            Reward: {saying(reward.winner, names)}, {decimal(reward.candidate)} to {decimal(reward.baseline)}
          </Text>
        )}
        {namesApart(pair) && <Badge color="yellow">they disagree</Badge>}
        {trainedOn && <Badge color="gray">trained on</Badge>}
        {task && (
          <Anchor component={Go} size="sm" to={`/projects/${project}/tasks?row=${task}`}>
            Open the task
          </Anchor>
        )}
      </Group>
    </article>
  )
}

interface SideProps {
  name: string
  text: string | null
  /** Marks what this text lacks; null: shown as it is. */
  against: string | null
  why: string | null
}

const Side = ({ name, text, against, why }: SideProps) => (
  <div className={classes.side}>
    <Text size="xs" fw={600} c="dimmed">
      {name}
    </Text>
    {text === null ? (
      <Text c="dimmed">{why ?? 'No answer.'}</Text>
    ) : text === '' ? (
      <Text c="dimmed" fs="italic">
        an empty response
      </Text>
    ) : against !== null && against !== text ? (
      <SideDiff text={text} against={against} />
    ) : (
      <Markdown text={text} />
    )}
  </div>
)

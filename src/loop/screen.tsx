/** Loop: the round in progress as one picture, the one thing that it waits for, and the rounds before it. */
import { Button, List, Modal, Stack, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useAddress } from '../web/address.ts'
import { clientOf } from '../web/client.ts'
import { useProject } from '../web/current.tsx'
import { Go } from '../web/link.tsx'
import { Page } from '../web/shell.tsx'
import { Empty, Loading, Pending } from '../web/states.tsx'
import { Acts, roundsKey } from './acts.tsx'
import { type Round, rounds } from './contract.ts'
import { BeforeAndAfter, Gained } from './gained.tsx'
import { History } from './history.tsx'
import { Picture } from './picture.tsx'
import { PlanShown } from './plan-shown.tsx'
import { StartForm } from './start-form.tsx'

const api = clientOf({ rounds }).rounds

/** Told at once when something moves; asked again in case the telling was lost. */
const askAgainMs = 3000
const isUnderWay = ({ state }: Round) => state === 'open' || state === 'failed'

/** The newest rounds, and the one of the address, however old it is. */
function useRounds(project: string, wanted: string | undefined) {
  const newest = useQuery({
    queryKey: [...roundsKey(project), 'newest'],
    queryFn: ({ signal }) => api.list({ project }, { signal }),
    refetchInterval: ({ state }) => (state.data?.rows.some(isUnderWay) ? askAgainMs : 15_000),
  })
  const listed = newest.data?.rows.find(({ id }) => id === wanted)
  const one = useQuery({
    queryKey: [...roundsKey(project), wanted],
    queryFn: ({ signal }) => api.show({ project, round: wanted! }, { signal }),
    enabled: wanted !== undefined && newest.data !== undefined && !listed,
  })
  return {
    rows: newest.data?.rows,
    shown: wanted ? (listed ?? one.data) : newest.data?.rows[0],
    error: newest.data ? one.error : newest.error,
    retry: () => void (newest.data ? one : newest).refetch(),
  }
}

/** The demo before its first round, which its script begins: a minute on a slow machine. */
function DemoBeginning() {
  const { id: project, demoProblem } = useProject()
  if (demoProblem !== null) return <Empty title="The demo has ended before its first round">{demoProblem}</Empty>
  return (
    <Empty title="The demo is getting ready">
      Two small models learn to answer customers at a help desk; <Go to={`/projects/${project}/runs`}>Runs</Go> shows
      them at it. Then the first round begins here by itself: simulated people compare what the models answer, a reward
      and a new model learn from it, and the new one is measured against the old.
    </Empty>
  )
}

/** A project without a round: what a round is, and what it needs first. */
function Beginning({ onBegin }: { onBegin?: () => void }) {
  const { id: project } = useProject()
  const to = (page: string) => `/projects/${project}/${page}`
  return (
    <Stack gap="lg">
      <Empty title="No round has begun yet" action={onBegin && <Button onClick={onBegin}>Begin a round</Button>}>
        A round turns the loop once: a policy answers prompts, people compare the answers, a reward model and a new
        policy learn from what they say, and the new policy is measured against the old before it takes its place.
      </Empty>
      <section aria-labelledby="first">
        <Title order={2} id="first" mb="xs">
          What it needs first
        </Title>
        <List type="ordered" spacing={4} maw="60ch">
          <List.Item>
            <Go to={to('guideline')}>A guideline</Go> that says what a good answer is.
          </List.Item>
          <List.Item>
            <Go to={to('prompts')}>Prompts</Go> to be answered; with responses, they can be judged at once.
          </List.Item>
          <List.Item>
            <Go to={to('models')}>A model of your own</Go>, added or <Go to={to('runs')}>trained on demonstrations</Go>.
          </List.Item>
          <List.Item>
            <Go to={to('people')}>People</Go> who judge.
          </List.Item>
        </List>
      </section>
    </Stack>
  )
}

export function Screen() {
  const { id: project, can, demo } = useProject()
  const [{ round: wanted, new: isNew }, setAddress] = useAddress()
  const { rows, shown, error, retry } = useRounds(project, wanted)
  const open = () => setAddress({ new: '1' })
  const close = () => setAddress({ new: undefined })
  const mayBegin = can('model.write') && rows !== undefined && !rows.some(isUnderWay)
  return (
    <Page title="Loop" actions={mayBegin && rows.length > 0 && <Button onClick={open}>Begin a round</Button>}>
      {!rows || (error && !shown) ? (
        <Pending error={error} onRetry={retry} lines={10} what="Reading the rounds" />
      ) : rows.length === 0 ? (
        demo ? (
          <DemoBeginning />
        ) : (
          <Beginning onBegin={mayBegin ? open : undefined} />
        )
      ) : (
        <Stack gap="xl">
          {shown ? (
            <>
              {/* A dialog of this round must not end the next. */}
              <Acts key={shown.id} round={shown} />
              <Gained rows={rows} />
              <Picture round={shown} />
              <PlanShown round={shown} />
            </>
          ) : (
            <Loading lines={10} what="Reading the round" />
          )}
          <BeforeAndAfter rows={rows} />
          <History newest={rows[0]!} />
        </Stack>
      )}
      <Modal opened={isNew !== undefined && mayBegin} onClose={close} title="Begin a round" size="lg">
        <StartForm before={rows?.[0]} onStarted={() => setAddress({ new: undefined, round: undefined })} />
      </Modal>
    </Page>
  )
}

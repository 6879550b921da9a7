/** Compare two: which of two policies people prefer, what the reward says of it, and the answers beside each other. */
import { Button, Modal, Stack } from '@mantine/core'
import { useAddress } from '../../web/address.ts'
import { useProject } from '../../web/current.tsx'
import { Go } from '../../web/link.tsx'
import { Page } from '../../web/shell.tsx'
import { Empty, Pending } from '../../web/states.tsx'
import { Choice, Standing, useHeadToHead } from './choice.tsx'
import { Pairs } from './pairs.tsx'
import { Result, UnderWay } from './result.tsx'
import { StartForm } from './start-form.tsx'

export function Screen() {
  const { id: project, can } = useProject()
  const [{ of: wanted, new: isNew }, setAddress] = useAddress()
  const { shown, isNone, error, retry } = useHeadToHead(project, wanted)
  const writes = can('task.write')
  const begin = writes && <Button onClick={() => setAddress({ new: '1' })}>Compare two policies</Button>
  const close = () => setAddress({ new: undefined, candidate: undefined, baseline: undefined })
  return (
    <Page title="Compare two" actions={shown && begin}>
      {shown ? (
        <Stack gap="xl">
          <Choice label="Comparison" shown={shown}>
            <Standing of={shown} />
            <Go to={`/projects/${project}/hybrid?of=${shown.id}`}>Hybrid</Go>
            <Go to={`/projects/${project}/gates?of=${shown.id}`}>Gates</Go>
          </Choice>
          <UnderWay shown={shown} />
          {shown.state !== 'sampling' && shown.state !== 'failed' && <Result shown={shown} />}
          <Pairs key={shown.id} shown={shown} />
        </Stack>
      ) : !isNone ? (
        <Pending error={error} onRetry={retry} lines={10} what="Reading the comparisons" />
      ) : (
        <Empty title="No two policies were set against each other yet" action={begin}>
          Two policies answer the same prompts. People then say blind which answer is better, the reward gives its own
          opinion, and lengths and distance stand beside it. The result decides at the gates whether the candidate takes
          the baseline’s place.
        </Empty>
      )}
      <Modal opened={isNew !== undefined && writes} onClose={close} title="Compare two policies" size="lg">
        <StartForm
          onStarted={(id) => setAddress({ new: undefined, of: id, candidate: undefined, baseline: undefined })}
        />
      </Modal>
    </Page>
  )
}

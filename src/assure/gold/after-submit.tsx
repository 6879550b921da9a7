/** After the answer to a gold task, where the project wants it: whether it was the expected one, and why. Never during. */
import { Alert, Button, Group, Modal, Stack, Table, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { Conversation, Responses } from '../../collect/prompts/conversation.tsx'
import type { Work } from '../../collect/tasks/contract.ts'
import type { Outgoing } from '../../collect/work/outbox.ts'
import { useProjects } from '../../projects/frame.tsx'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { KeyHint, useKeys } from '../../web/keys.tsx'
import { type Explained, gold } from './contract.ts'
import { Explanation, onScreen } from './shown.tsx'

const api = clientOf({ gold }).gold

interface Told {
  work: Work
  gold: Explained
}

/**
 * The newest result. One that agrees makes room with the next answer; another stays until it was read. An answer that is
 * taken back takes its result along: it would stand beside the task while it is answered again.
 */
function useTold(sent: Outgoing | undefined): [Told | undefined, () => void] {
  const { id: project } = useProject()
  const explains = useProjects().data?.rows.find(({ id }) => id === project)?.settings.explainGold === true
  const submission = sent?.submission
  const { data } = useQuery({
    queryKey: ['gold', project, 'explained', submission],
    queryFn: ({ signal }) => api.explain({ project, submission: submission! }, { signal }),
    enabled: explains && submission !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
  })
  const [told, setTold] = useState<Told>()
  useEffect(() => {
    if (!sent) setTold(undefined)
    else if (data?.gold) setTold({ work: sent.work, gold: data.gold })
    else setTold((before) => (before?.gold.agrees ? undefined : before))
  }, [sent, data])
  return [told, () => setTold(undefined)]
}

export function AfterSubmit({ sent }: { sent: Outgoing | undefined }) {
  const [told, forget] = useTold(sent)
  const [open, setOpen] = useState(false)
  const close = () => {
    setOpen(false)
    forget()
  }
  useKeys(told && !open ? [{ key: 'x', label: 'Look at the last answer again', run: () => setOpen(true) }] : [], 'Work')
  return (
    <div role="status" style={{ width: '100%' }}>
      {told && (
        <Alert color={told.gold.agrees ? 'green' : 'yellow'} p="xs">
          <Group gap="sm" justify="space-between">
            <Text size="sm" lineClamp={2} style={{ flex: '1 1 16rem' }}>
              <b>
                {told.gold.agrees
                  ? 'Your last answer was the expected one.'
                  : 'Your last answer was not the expected one.'}
              </b>{' '}
              {told.gold.explanation}
            </Text>
            <Button size="compact-sm" variant="default" rightSection={<KeyHint k="x" />} onClick={() => setOpen(true)}>
              Look at it
            </Button>
          </Group>
        </Alert>
      )}
      {told && open && <Again told={told} onClose={close} />}
    </div>
  )
}

function Again({ told: { work, gold }, onClose }: { told: Told; onClose: () => void }) {
  useKeys(
    [
      { key: 'x', label: 'Go on working', run: onClose },
      { key: 'Enter', label: 'Go on working', run: onClose },
    ],
    'Last answer',
    { exclusive: true },
  )
  const several = work.steps.length > 1
  return (
    <Modal opened onClose={onClose} title="A task whose answer is known" size="min(64rem, 100%)">
      <Stack gap="md">
        <Text>
          {gold.agrees ? 'You gave the expected answer.' : 'You answered otherwise than was expected.'} A and B as they
          stood on your screen.
        </Text>
        <Table verticalSpacing={4} style={{ width: 'auto' }}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">Of</Table.Th>
              <Table.Th scope="col">You said</Table.Th>
              <Table.Th scope="col">Expected</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {gold.compared.map(({ step, attribute, said, expected, agrees }, place) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a step may judge several responses under one attribute
              <Table.Tr key={place}>
                <Table.Th scope="row" fw={400}>
                  {several ? `${step}, ${attribute}` : attribute}
                </Table.Th>
                <Table.Td c={agrees ? undefined : 'var(--bad)'}>{onScreen(said)}</Table.Td>
                <Table.Td fw={600}>{onScreen(expected)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
        {gold.explanation && <Explanation text={gold.explanation} />}
        <Group>
          <Button onClick={onClose} rightSection={<KeyHint k="Enter" />} data-autofocus>
            Go on working
          </Button>
        </Group>
        <Conversation turns={work.conversation} />
        <Responses
          responses={work.order.map((index, place) => ({
            key: String(index),
            title: work.order.length === 2 ? 'AB'[place] : place + 1,
            text: work.targets[index]?.text ?? null,
          }))}
        />
      </Stack>
    </Modal>
  )
}

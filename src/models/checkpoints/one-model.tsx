/** One model: the facts of its card, where it comes from and what came of it, how to use it. */
import { Button, Code, Group, Stack, Table, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { clientOf } from '../../web/client.ts'
import { CopyText } from '../../web/copy.tsx'
import { useProject } from '../../web/current.tsx'
import { Go } from '../../web/link.tsx'
import { bytes, count } from '../../web/numbers.ts'
import { Pending } from '../../web/states.tsx'
import { Ago } from '../../web/time.tsx'
import { PutAway } from '../put-away.tsx'
import { Promoted } from '../slots.tsx'
import { type CheckpointView, models } from './contract.ts'
import { figureOf, kindOf } from './rules.ts'

const api = clientOf({ models }).models

export function OneModel({ model }: { model: CheckpointView }) {
  const { id: project, can } = useProject()
  const { data, error, refetch } = useQuery({
    queryKey: ['models', project, model.id],
    queryFn: ({ signal }) => api.show({ project, model: model.id }, { signal }),
  })
  return (
    <Stack gap="xl">
      <Group>
        {model.policy && can('policy.read') && (
          <Button component={Go} to={`/projects/${project}/policies?row=${model.policy}`} variant="default">
            Open its policy
          </Button>
        )}
        {data && (
          <CopyText text={data.card} size="sm">
            Copy its card
          </CopyText>
        )}
      </Group>
      {model.policy && <Promoted policy={model.policy} />}
      {!data && <Pending error={error} onRetry={refetch} lines={8} />}
      {data && <Facts model={data} />}
      {data && <Lineage model={data} childModels={data.children} />}
      {model.policy && <Use model={model} />}
      <TakeOut model={model} />
      {can('model.write') && <Archive model={model} />}
    </Stack>
  )
}

const Section = ({ id, title, children }: { id: string; title: string; children: ReactNode }) => (
  <section aria-labelledby={id}>
    <Title order={2} id={id} mb="sm">
      {title}
    </Title>
    {children}
  </section>
)

const Rows = ({ label, rows }: { label: string; rows: [string, ReactNode][] }) => (
  <Table aria-label={label} verticalSpacing={4} layout="fixed">
    <Table.Tbody>
      {rows.map(([name, value]) => (
        <Table.Tr key={name}>
          <Table.Th scope="row" w="11rem" fw={500}>
            {name}
          </Table.Th>
          <Table.Td style={{ overflowWrap: 'anywhere' }}>{value}</Table.Td>
        </Table.Tr>
      ))}
    </Table.Tbody>
  </Table>
)

function Facts({ model }: { model: CheckpointView }) {
  const { facts, parameters, hash, createdAt } = model
  const figures = Object.entries(facts.measured ?? {})
  return (
    <Section id="model-facts" title="What it is">
      <Rows
        label="Facts"
        rows={[
          ['Kind', kindOf(model)],
          ['Licence', facts.licence ?? 'not stated'],
          ['Parameters', count(parameters)],
          ['Size', bytes(model.bytes)],
          ['SHA-256', <Code key="hash">{hash}</Code>],
          ...(facts.source ? [['Added from', <Code key="source">{facts.source}</Code>] as [string, ReactNode]] : []),
          ['Made', <Ago key="made" at={createdAt} />],
        ]}
      />
      {figures.length > 0 && (
        <>
          <Title order={3} mt="md" mb="xs">
            Measured at the end of its run
          </Title>
          <Rows label="Figures" rows={figures.map(([name, value]) => [name, figureOf(value)])} />
        </>
      )}
    </Section>
  )
}

interface LineageProps {
  model: CheckpointView
  childModels: { id: string; name: string }[]
}

/** One step up and one step down; the whole, down to the answers of people, is a page of its own. */
function Lineage({ model: { id, base, baseId, run, facts }, childModels }: LineageProps) {
  const { id: project } = useProject()
  const link = (page: string, text: string) => <Go to={`/projects/${project}/${page}`}>{text}</Go>
  const toModel = (id: string, name: string) => link(`models?row=${id}`, name)
  return (
    <Section id="model-lineage" title="Where it comes from">
      <Rows
        label="Lineage"
        rows={[
          [
            'Trained from',
            facts.algorithm ? (baseId ? toModel(baseId, base) : base) : 'nothing: it was added as it is',
          ],
          ...(facts.algorithm ? [['Trained by', facts.algorithm] as [string, ReactNode]] : []),
          ...(run ? ([['Run', link(`runs?run=${run}`, 'its run')]] as [string, ReactNode][]) : []),
          [
            'What came of it',
            childModels.length ? (
              <Stack key="children" gap={2}>
                {childModels.map((child) => (
                  <span key={child.id}>{toModel(child.id, child.name)}</span>
                ))}
              </Stack>
            ) : (
              'nothing yet'
            ),
          ],
          ['The whole', link(`lineage?checkpoint=${id}`, 'as a picture, down to single answers')],
        ]}
      />
    </Section>
  )
}

/** How it leaves: the files lie on the server. */
const TakeOut = ({ model: { id } }: { model: CheckpointView }) => (
  <Section id="model-out" title="Take it elsewhere">
    <Text size="sm" mb="xs">
      On the server, one command writes a folder that other programs load, an adapter merged into its base:
    </Text>
    <Code block style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
      {`./plumbline model export ${id} --data DATA --out FOLDER`}
    </Code>
  </Section>
)

/** How programs ask it. */
function Use({ model: { name } }: { model: CheckpointView }) {
  const { name: project } = useProject()
  return (
    <Section id="model-use" title="Ask it from a program">
      <Stack gap="xs">
        <Text size="sm">
          Any client of OpenAI’s chat completions can: this address, an API key of your account, and this model.
        </Text>
        <Rows
          label="For programs"
          rows={[
            ['Address', <Code key="address">{`${location.origin}/v1`}</Code>],
            ['Model', <Code key="model">{`${project}/${name}`}</Code>],
          ]}
        />
      </Stack>
    </Section>
  )
}

function Archive({ model }: { model: CheckpointView }) {
  const { id: project } = useProject()
  return (
    <PutAway
      one={model}
      put={(archived) => api.archive({ project, model: model.id, archived })}
      queryKey={['models', project]}
    >
      {model.policy ? 'Put away, it is asked no more; its files and its responses stay.' : 'Put away, its files stay.'}
    </PutAway>
  )
}

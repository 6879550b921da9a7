/** One dataset: its card, its rows, what differs from another, and the way out as files. */
import { Anchor, Badge, Button, Code, Group, Stack, Tabs, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Simulated } from '../../assure/quality/shown.tsx'
import { useAddress } from '../../web/address.ts'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { Markdown } from '../../web/markdown.tsx'
import { count, plural } from '../../web/numbers.ts'
import { Page } from '../../web/shell.tsx'
import { Pending } from '../../web/states.tsx'
import { Ago } from '../../web/time.tsx'
import { datasets, type ShownDataset } from './contract.ts'
import { Difference } from './difference.tsx'
import { Files } from './files.tsx'
import { Rows } from './rows.tsx'

const api = clientOf({ datasets }).datasets

const tabs = { card: 'Card', rows: 'Rows', difference: 'Difference', files: 'Files' } as const

export function OneDataset({ dataset }: { dataset: string }) {
  const { id: project, can } = useProject()
  const [{ tab = 'card' }, setAddress] = useAddress()
  const { data, error, refetch } = useQuery({
    queryKey: ['datasets', project, 'one', dataset],
    queryFn: ({ signal }) => api.show({ project, dataset }, { signal }),
  })
  const back = () =>
    setAddress({
      dataset: undefined,
      tab: undefined,
      row: undefined,
      from: undefined,
      split: undefined,
      job: undefined,
    })
  const open = (value: string) => setAddress({ tab: value, row: undefined, job: undefined })
  return (
    <Page
      title={data?.name ?? 'Dataset'}
      actions={
        <Button variant="default" onClick={back}>
          All datasets
        </Button>
      }
    >
      {!data ? (
        <Pending error={error} onRetry={refetch} lines={10} />
      ) : (
        <Stack gap="md">
          <Facts data={data} />
          <Tabs value={tab} onChange={(value) => value && open(value)} keepMounted={false}>
            <Tabs.List mb="md">
              {Object.entries(tabs)
                .filter(([value]) => value !== 'files' || can('export'))
                .map(([value, label]) => (
                  <Tabs.Tab key={value} value={value}>
                    {label}
                  </Tabs.Tab>
                ))}
            </Tabs.List>
            <Tabs.Panel value="card">
              <Card data={data} />
            </Tabs.Panel>
            <Tabs.Panel value="rows">
              <Rows data={data} />
            </Tabs.Panel>
            <Tabs.Panel value="difference">
              <Difference data={data} />
            </Tabs.Panel>
            <Tabs.Panel value="files">
              <Files data={data} />
            </Tabs.Panel>
          </Tabs>
        </Stack>
      )}
    </Page>
  )
}

function Facts({ data: { kind, rows, train, test, hash, simulated, createdAt } }: { data: ShownDataset }) {
  return (
    <Group gap="md">
      <Badge color="gray">{kind}</Badge>
      {simulated && <Simulated />}
      <Text size="sm">
        {plural(rows, 'row')}: {count(train)} train, {count(test)} test
      </Text>
      <Text size="sm" c="dimmed">
        taken <Ago at={createdAt} />
      </Text>
      <Text size="sm" c="dimmed">
        content <Code title={hash}>{hash.slice(0, 16)}</Code>
      </Text>
    </Group>
  )
}

/** What stands over the card is for machines. */
const withoutHeader = (card: string) => card.replace(/^---\n[\s\S]*?\n---\n/, '').replace(/^\s*# .*\n/, '')

function Card({ data: { card, name } }: { data: ShownDataset }) {
  const address = `data:text/markdown;charset=utf-8,${encodeURIComponent(card)}`
  return (
    <Stack gap="sm" maw="80ch">
      <Markdown text={withoutHeader(card)} />
      <Anchor href={address} download={`${name}-README.md`} size="sm">
        Save as README.md, in Hugging Face form
      </Anchor>
    </Stack>
  )
}

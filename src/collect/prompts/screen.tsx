/** Prompts: what responses are drawn for and tasks are made of. The list, one prompt beside it, and the way in. */
import { Badge, Button, Group, Text } from '@mantine/core'
import { useAddress } from '../../web/address.ts'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { useKeys } from '../../web/keys.tsx'
import { Go } from '../../web/link.tsx'
import { count } from '../../web/numbers.ts'
import { useSelection } from '../../web/selection.tsx'
import { Page } from '../../web/shell.tsx'
import { Side } from '../../web/side.tsx'
import { Empty } from '../../web/states.tsx'
import { type Column, Table } from '../../web/table.tsx'
import { Ago } from '../../web/time.tsx'
import { type PromptRow, prompts } from './contract.ts'
import { Duplicates } from './duplicates/duplicates-screen.tsx'
import { Import } from './import-screen.tsx'
import { OnePrompt } from './one-prompt.tsx'
import { PickedPrompts } from './picked-prompts.tsx'

const api = clientOf({ prompts }).prompts

const keyOf = ({ id }: PromptRow) => id
const labelOf = ({ opening }: PromptRow) => opening

const columns: Column<PromptRow>[] = [
  {
    key: 'search',
    header: 'Prompt',
    cell: labelOf,
    text: ({ opening }) => opening,
    filter: { kind: 'text' },
    width: '22rem',
  },
  {
    key: 'tag',
    header: 'Tags',
    text: ({ tags }) => tags.join(' '),
    filter: { kind: 'text' },
    cell: ({ tags }) => (
      <Group gap={4}>
        {tags.map((tag) => (
          <Badge key={tag} color="gray">
            {tag}
          </Badge>
        ))}
      </Group>
    ),
  },
  { key: 'responses', header: 'Responses', cell: ({ responses }) => count(responses), numeric: true, width: '6rem' },
  { key: 'tasks', header: 'Tasks', cell: ({ tasks }) => count(tasks), numeric: true },
  { key: 'createdAt', header: 'Added', cell: ({ createdAt }) => <Ago at={createdAt} />, width: '7rem' },
]

export function Screen() {
  const [{ import: importing, duplicates }] = useAddress()
  return importing ? <Import /> : duplicates ? <Duplicates /> : <List />
}

function List() {
  const { id: project, can } = useProject()
  const [{ row, alike }, setAddress] = useAddress()
  const selection = useSelection(keyOf, labelOf)
  const writes = can('prompt.write')
  const begin = () => setAddress({ import: '1', row: undefined })
  useKeys(writes ? [{ key: 'i', label: 'Import a file', run: begin }] : [], 'Prompts')
  return (
    <Page
      title="Prompts"
      actions={
        <>
          <Button component={Go} to={`/projects/${project}/prompts?duplicates=1`} variant="default">
            Duplicates
          </Button>
          {writes && <Button onClick={begin}>Import a file</Button>}
        </>
      }
    >
      {alike && (
        <Group gap="sm" mb="sm">
          <Text size="sm">Only prompts of one group of duplicates.</Text>
          <Button size="xs" variant="default" onClick={() => setAddress({ alike: undefined, after: undefined })}>
            Show all
          </Button>
        </Group>
      )}
      {writes && <PickedPrompts selection={selection} />}
      <Table<PromptRow>
        name="prompts"
        label="Prompts"
        queryKey={['prompts', project, alike]}
        load={({ filters, cursor, limit, signal }) =>
          api.list({ project, after: cursor, limit, search: filters.search, tag: filters.tag, alike }, { signal })
        }
        columns={writes ? [selection.column, ...columns] : columns}
        rowKey={keyOf}
        empty={
          <Empty title="No prompts yet" action={writes && <Button onClick={begin}>Import a file</Button>}>
            A prompt is the conversation that a model answers. Import them, alone or with responses and judgements that
            you have already; then draw responses from your models, or have people judge those that came along.
          </Empty>
        }
      />
      <Side title="Prompt" opened={row !== undefined} onClose={() => setAddress({ row: undefined })}>
        {row && <OnePrompt prompt={row} />}
      </Side>
    </Page>
  )
}

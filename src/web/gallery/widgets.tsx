/** Every widget in its states, one section each; the part of the address after / picks a single one. */
import { Badge, Button, Group, Stack, Text, Title } from '@mantine/core'
import { useParams } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { CopyText } from '../copy.tsx'
import { MarkdownWithSwitch } from '../markdown.tsx'
import { notify, notifyProblem } from '../notices.tsx'
import { NumberField } from '../number-field.tsx'
import { decimal } from '../numbers.ts'
import { Page } from '../shell.tsx'
import { Empty, Loading, Problem, Progress } from '../states.tsx'
import { type Column, Table } from '../table.tsx'
import { Ago } from '../time.tsx'
import { Charts } from './charts.tsx'
import { loadTasks, type Task } from './rows.ts'
import { markdown } from './texts.ts'
import { Diffs, Spans } from './texts-widgets.tsx'

const columns: Column<Task>[] = [
  { key: 'prompt', header: 'Prompt', cell: (task) => task.prompt, width: '15rem', filter: { kind: 'text' } },
  {
    key: 'state',
    header: 'State',
    cell: (task) => (
      <Badge color={task.state === 'contested' ? 'yellow' : task.state === 'done' ? 'green' : 'gray'}>
        {task.state}
      </Badge>
    ),
    filter: { kind: 'choice', options: ['open', 'done', 'contested'].map((value) => ({ value, label: value })) },
  },
  { key: 'judgements', header: 'Judgements', cell: (task) => task.judgements, numeric: true, sortable: true },
  { key: 'agreement', header: 'Agreement', cell: (task) => decimal(task.agreement), numeric: true },
  { key: 'at', header: 'Last answer', cell: (task) => <Ago at={task.at} />, hidden: true },
]

const sections: Record<string, () => ReactNode> = {
  table: () => (
    <Table<Task>
      name="gallery"
      label="Tasks"
      columns={columns}
      rowKey={(task) => String(task.id)}
      queryKey={['gallery tasks']}
      load={loadTasks}
      limit={20}
    />
  ),
  fields: () => <Fields />,
  markdown: () => <MarkdownWithSwitch text={markdown} label="Response" />,
  diff: () => <Diffs />,
  spans: () => <Spans />,
  charts: () => <Charts />,
  notices: () => <Told />,
  states: () => (
    <Stack>
      <Empty title="No prompts yet" action={<Button>Import prompts</Button>}>
        Prompts are what people and models answer. Import a file, or write the first one.
      </Empty>
      <Loading what="Loading prompts" />
      <Problem
        error={{
          code: 'bad_input',
          message: 'Line 17 is no JSON.',
          where: 'pairs.jsonl, line 17',
          hint: 'Mend the line, or import the rest without it.',
        }}
        onRetry={() => {}}
      />
      <Progress label="Sampling 300 responses" done={96} total={300} leftMs={7_200_000} onCancel={() => {}} />
      <Progress label="Waiting for the endpoint" />
    </Stack>
  ),
}

const Told = () => (
  <Group>
    <Button
      variant="default"
      onClick={() => notify({ text: 'Sent.', action: { label: 'Undo', run: () => notify({ text: 'Taken back.' }) } })}
    >
      Send
    </Button>
    <Button
      variant="default"
      onClick={() =>
        notifyProblem({ code: 'lease_lost', message: 'The task went to someone else.', hint: 'Take the next one.' })
      }
    >
      Fail
    </Button>
  </Group>
)

function Fields() {
  const [days, setDays] = useState(7)
  return (
    <Group align="flex-end">
      <NumberField label="Days" min={1} max={90} value={days} onChange={setDays} />
      <Text>{days} days</Text>
      <CopyText text={String(days)}>Copy the days</CopyText>
    </Group>
  )
}

export function Widgets() {
  const { _splat: only } = useParams({ strict: false }) as { _splat?: string }
  const shown = Object.entries(sections).filter(([name]) => !only || !(only in sections) || name === only)
  return (
    <Page title="Gallery" actions={<Button size="xs">New project</Button>}>
      {shown.map(([name, render]) => (
        <section key={name} aria-label={`Example of ${name}`}>
          <Title order={2} mt="lg" mb="sm" tt="capitalize">
            {name}
          </Title>
          {render()}
        </section>
      ))}
    </Page>
  )
}

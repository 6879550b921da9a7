/** Rows of a file as they will look, and those that cannot be read. */
import { Badge, Group, Table, Text } from '@mantine/core'
import type { z } from 'zod'
import { WideTable } from '../../web/wide-table.tsx'
import type { importPreview } from './contract.ts'
import { Conversation, Responses } from './conversation.tsx'
import classes from './import.module.css'

type Preview = z.infer<typeof importPreview>

/** What a judgement that comes along says, as far as a preview needs it. */
function said(judgement: unknown): { chosen?: number; text?: string } {
  if (typeof judgement !== 'object' || judgement === null) return {}
  const { kind, chosen } = judgement as { kind?: unknown; chosen?: unknown }
  if (kind === 'preference' && typeof chosen === 'number') return { chosen }
  if (kind === 'tie') return { text: 'a tie' }
  return { text: kind === 'both-bad' ? 'both are bad' : `comes with a judgement: ${String(kind)}` }
}

export function PreviewRow({ record }: { record: Preview['records'][number] }) {
  const { chosen, text } = said(record.judgement)
  return (
    <article className={classes.row} aria-label={`Line ${record.line}`}>
      <Group gap="sm">
        <Text size="sm" c="dimmed">
          line {record.line}
        </Text>
        {text && <Badge color="gray">{text}</Badge>}
      </Group>
      <Conversation turns={record.prompt.map(({ role, content }) => ({ role, text: content }))} />
      {record.responses.length > 0 && (
        <Responses
          responses={record.responses.map(({ content }, place) => ({
            key: String(place),
            title: (
              <Group gap="xs">
                response {place + 1}
                {chosen === place && <Badge color="green">chosen</Badge>}
              </Group>
            ),
            text: content,
          }))}
        />
      )}
    </article>
  )
}

export const Problems = ({ problems }: { problems: readonly { line: number; column?: number; reason: string }[] }) => (
  <WideTable minWidth={300} maxHeight="24rem" verticalSpacing={4}>
    <Table.Thead>
      <Table.Tr>
        <Table.Th scope="col" w="6rem" ta="right">
          Line
        </Table.Th>
        <Table.Th scope="col">Why</Table.Th>
      </Table.Tr>
    </Table.Thead>
    <Table.Tbody>
      {problems.map(({ line, column, reason }) => (
        <Table.Tr key={`${line} ${column} ${reason}`}>
          <Table.Td ta="right">
            {line}
            {column !== undefined && `:${column}`}
          </Table.Td>
          <Table.Td>{reason}</Table.Td>
        </Table.Tr>
      ))}
    </Table.Tbody>
  </WideTable>
)

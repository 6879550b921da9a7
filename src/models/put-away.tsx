/** What models and policies share: they are put away, never deleted, and lists show those only when asked. */
import { Badge, Button, Group, Stack, Switch, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useAddress } from '../web/address.ts'
import { notify } from '../web/notices.tsx'
import { Problem } from '../web/states.tsx'

interface Archived {
  name: string
  archived: boolean
}

export const nameCell = ({ name, archived }: Archived): ReactNode => (
  <Group gap="xs">
    {name}
    {archived && <Badge color="gray">put away</Badge>}
  </Group>
)

/** The rows to show, and the switch that shows the others too, once there are some; what it says is in the address. */
export function useAway<Row extends Archived>(all: readonly Row[] | undefined): { rows: Row[]; toggle: ReactNode } {
  const [{ away }, setAddress] = useAddress()
  return {
    rows: all?.filter(({ archived }) => away || !archived) ?? [],
    toggle: all?.some(({ archived }) => archived) && (
      <Switch
        label="Those put away too"
        checked={away !== undefined}
        onChange={(event) => setAddress({ away: event.currentTarget.checked ? '1' : undefined })}
      />
    ),
  }
}

/** `put` puts it away or takes it out again; the list under `queryKey` is fetched anew. */
export function PutAway(props: {
  one: Archived
  put: (away: boolean) => Promise<unknown>
  queryKey: readonly unknown[]
  children: ReactNode
}) {
  const { one, put, queryKey, children } = props
  const queries = useQueryClient()
  const archive = useMutation({
    mutationFn: put,
    onSuccess: async (_, away) => {
      await queries.invalidateQueries({ queryKey })
      if (away)
        notify({ text: `${one.name} is put away.`, action: { label: 'Undo', run: () => archive.mutate(false) } })
    },
  })
  return (
    <Stack gap="sm" align="flex-start">
      <Text size="sm" c="dimmed">
        {children}
      </Text>
      <Button variant="default" loading={archive.isPending} onClick={() => archive.mutate(!one.archived)}>
        {one.archived ? 'Take it out again' : 'Put it away'}
      </Button>
      {archive.error && <Problem error={archive.error} />}
    </Stack>
  )
}

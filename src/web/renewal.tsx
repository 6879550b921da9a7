/** One line over a page whose data could not be read anew: what it shows stays, and is said to be old. */
import { Button, Group, Text } from '@mantine/core'
import { notifyManager, type Query, useQueryClient } from '@tanstack/react-query'
import { useCallback, useSyncExternalStore } from 'react'
import { problemOf } from './problem.ts'

const isOld = (query: Query): boolean =>
  query.isActive() && query.state.status === 'error' && query.state.data !== undefined

export function NotRenewed() {
  const queries = useQueryClient()
  const all = queries.getQueryCache()
  const error = useSyncExternalStore(
    useCallback((listener) => all.subscribe(notifyManager.batchCalls(listener)), [all]),
    () => all.getAll().find(isOld)?.state.error,
  )
  return (
    <div role="status">
      {error && (
        <Group gap="sm" mb="md">
          <Text size="sm" c="var(--bad)">
            What you see could not be read anew and may be old: {problemOf(error).message}
          </Text>
          <Button size="compact-xs" variant="default" onClick={() => void queries.refetchQueries({ predicate: isOld })}>
            Try again
          </Button>
        </Group>
      )}
    </div>
  )
}

/** Review: the queue of answers to check, and what reviewers said so far. */
import { Tabs } from '@mantine/core'
import { useAddress } from '../../web/address.ts'
import { useProject } from '../../web/current.tsx'
import { Page } from '../../web/shell.tsx'
import { ReviewQueue } from './queue-screen.tsx'
import { ReviewList } from './review-list.tsx'

export function Screen() {
  const { can } = useProject()
  const [{ tab: wanted }, setAddress] = useAddress()
  const reviews = can('review')
  const reads = can('annotation.read')
  const tab = wanted ?? (reviews ? 'queue' : 'done')
  return (
    <Page title="Review">
      <Tabs
        value={tab}
        onChange={(value) => setAddress({ tab: value ?? undefined, row: undefined, after: undefined })}
        keepMounted={false}
      >
        <Tabs.List mb="md">
          {reviews && <Tabs.Tab value="queue">To check</Tabs.Tab>}
          {reads && <Tabs.Tab value="done">Checked</Tabs.Tab>}
        </Tabs.List>
        {reviews && (
          <Tabs.Panel value="queue">
            <ReviewQueue />
          </Tabs.Panel>
        )}
        {reads && (
          <Tabs.Panel value="done">
            <ReviewList />
          </Tabs.Panel>
        )}
      </Tabs>
    </Page>
  )
}

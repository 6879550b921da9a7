/** Guideline: the rules that annotators judge by. In force, draft, and every version there was. */
import { Badge, Button, Group, Tabs } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useAddress } from '../../web/address.ts'
import { clientOf } from '../../web/client.ts'
import { useProject } from '../../web/current.tsx'
import { useKeys } from '../../web/keys.tsx'
import { Page } from '../../web/shell.tsx'
import { Empty, Pending } from '../../web/states.tsx'
import { guideline } from './contract.ts'
import { DraftEditor } from './draft-editor.tsx'
import { ClauseList } from './shown-clauses.tsx'
import { useVersion, useVersions, versionQuery } from './use-versions.ts'
import { Versions } from './versions.tsx'

const api = clientOf({ guideline }).guideline

export function Screen() {
  const { id: project, can } = useProject()
  const [{ tab: wanted }, setAddress] = useAddress()
  const { data, error, refetch } = useVersions(project)
  const writes = can('guideline.write')
  const current = data?.rows[0]?.version
  const tab = wanted ?? (current === undefined && writes ? 'draft' : 'current')
  const open = (to: string) => to !== tab && setAddress({ tab: to })
  useKeys(writes ? [{ key: 'e', label: 'Edit the draft', run: () => open('draft') }] : [], 'Guideline')
  return (
    <Page
      title="Guideline"
      actions={
        writes &&
        tab !== 'draft' && (
          <Button variant="default" onClick={() => open('draft')}>
            Edit the draft
          </Button>
        )
      }
    >
      {!data && <Pending error={error} onRetry={refetch} lines={10} />}
      {data && (
        <Tabs value={tab} onChange={(value) => value && open(value)} keepMounted={false}>
          <Tabs.List mb="md">
            <Tabs.Tab value="current">
              <Group gap="xs">In force {current !== undefined && <Badge>version {current}</Badge>}</Group>
            </Tabs.Tab>
            {writes && <Tabs.Tab value="draft">Draft</Tabs.Tab>}
            <Tabs.Tab value="versions">Versions</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="current">
            {current === undefined ? (
              <Unwritten onWrite={writes ? () => open('draft') : undefined} />
            ) : (
              <Current version={current} />
            )}
          </Tabs.Panel>
          {writes && (
            <Tabs.Panel value="draft">
              <Draft current={current} />
            </Tabs.Panel>
          )}
          <Tabs.Panel value="versions">
            <Versions rows={data.rows} />
          </Tabs.Panel>
        </Tabs>
      )}
    </Page>
  )
}

const Unwritten = ({ onWrite }: { onWrite?: () => void }) => (
  <Empty title="No guideline in force yet" action={onWrite && <Button onClick={onWrite}>Write it</Button>}>
    A guideline says in clauses what a good response is. Each clause has an id that outlives rewording, by which people
    and versions know it; the version in force is kept with every answer. Until one is published, people judge without.
  </Empty>
)

function Current({ version }: { version: number }) {
  const { id: project } = useProject()
  const { data, error, refetch } = useVersion(project, version)
  if (!data) return <Pending error={error} onRetry={refetch} lines={10} />
  return <ClauseList clauses={data.clauses} />
}

function Draft({ current }: { current: number | undefined }) {
  const { id: project } = useProject()
  // Where somebody else publishes meanwhile, the editor stays while the new version is read.
  const published = useQuery({ ...versionQuery(project, current), placeholderData: keepPreviousData })
  const draft = useQuery({
    queryKey: ['guideline', project, 'draft'],
    queryFn: ({ signal }) => api.draft({ project }, { signal }),
    // What is being typed must not be replaced by what somebody else saved: saving tells of it instead.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  })
  const failed = [draft, published].find(({ error }) => error)
  if (!draft.data || (current !== undefined && !published.data))
    return <Pending error={failed?.error} onRetry={failed?.refetch} lines={10} />
  return (
    <DraftEditor
      draft={draft.data}
      published={published.data?.clauses ?? []}
      onReload={async () => (await draft.refetch({ throwOnError: true })).data!}
    />
  )
}

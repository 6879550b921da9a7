/** How a number was made: the page of `docs/statistics/` that every chart and interval links to. */
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { Go } from '../link.tsx'
import { Markdown } from '../markdown.tsx'
import { Page } from '../shell.tsx'
import { Empty, Pending } from '../states.tsx'

const texts: Partial<Record<string, () => Promise<string>>> = import.meta.glob<string>(
  '../../../docs/statistics/*.md',
  { query: '?raw', import: 'default' },
)

export function Screen() {
  const { page = '' } = useParams({ strict: false }) as { page?: string }
  const load = texts[`../../../docs/statistics/${page.replace(/\.md$/, '')}.md`]
  const { data, error, refetch } = useQuery({
    queryKey: ['methods', page],
    queryFn: () => load!(),
    enabled: load !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
  })
  const title = data === undefined ? 'Method' : (/^# (.+)$/m.exec(data)?.[1] ?? 'Method')
  return (
    <Page title={title}>
      {!load && (
        <Empty title="There is no such method" action={<Go to="/docs/statistics/README">All methods</Go>}>
          The address names a page of the statistics that this version does not have.
        </Empty>
      )}
      {load && data === undefined && <Pending error={error} onRetry={refetch} lines={10} />}
      {data !== undefined && (
        <div className="prose">
          <Markdown text={data.replace(/^# .+\n/, '')} />
        </div>
      )}
    </Page>
  )
}

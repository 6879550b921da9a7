/** Home: the projects one belongs to, each with the action that comes first in one's role; and a new project. */

import { Go } from '../web/link.tsx'
import { Page } from '../web/shell.tsx'
import { Loading, Problem } from '../web/states.tsx'
import { useProjects } from './frame.tsx'

export function Screen() {
  const { data, error, refetch } = useProjects()
  return (
    <Page title="Projects">
      {error && <Problem error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Loading />}
      {data?.rows.map(({ id, name }) => (
        <p key={id}>
          <Go to={`/projects/${id}`}>{name}</Go>
        </p>
      ))}
    </Page>
  )
}

/** Around every page that is for people who are signed in; whoever is not is led to /sign-in by the query client. */
import { Outlet } from '@tanstack/react-router'
import { CurrentPersonIs } from '../../web/current.tsx'
import { problemOf } from '../../web/problem.ts'
import { Pending } from '../../web/states.tsx'
import { useMyAccount } from './me.ts'

export function SignedIn() {
  const { data, error, refetch } = useMyAccount()
  if (data)
    return (
      <CurrentPersonIs person={data}>
        <Outlet />
      </CurrentPersonIs>
    )
  return <Pending error={problemOf(error).code !== 'not_signed_in' && error} onRetry={refetch} lines={8} />
}

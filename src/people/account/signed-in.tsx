/** Around every page that is for people who are signed in; whoever is not is led to /sign-in by the query client. */
import { Outlet } from '@tanstack/react-router'
import { CurrentPersonIs } from '../../web/current.tsx'
import { problemOf } from '../../web/problem.ts'
import { Loading, Problem } from '../../web/states.tsx'
import { useMyAccount } from './me.ts'

export function SignedIn() {
  const { data, error, refetch } = useMyAccount()
  if (data)
    return (
      <CurrentPersonIs person={data}>
        <Outlet />
      </CurrentPersonIs>
    )
  if (error && problemOf(error).code !== 'not_signed_in')
    return <Problem error={error} onRetry={() => void refetch()} />
  return <Loading lines={8} />
}

/** Who is signed in, as every page asks it once, and how one signs out. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import { clientOf } from '../../web/client.ts'
import { useGo } from '../../web/link.tsx'
import { account } from './contract.ts'
import { signOut } from './sign-in.ts'

export const api = clientOf(account)

export const meKey = ['me']

export const useMyAccount = () => useQuery({ queryKey: meKey, queryFn: () => api.me(), staleTime: 60_000 })

/** Ends the session; nothing that this browser knew of the person stays in memory. */
export function useSignOut(): () => Promise<void> {
  const queries = useQueryClient()
  const go = useGo()
  return useCallback(async () => {
    await signOut()
    queries.clear()
    go('/sign-in')
  }, [queries, go])
}

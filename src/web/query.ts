/** One query client: data stays fresh for a few seconds, and only faults that may pass are tried again. */
import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { isAborted, isWorthRetrying, problemOf } from './problem.ts'

/** `onSignedOut` is called when the server no longer knows the person: the session ended elsewhere. */
export function queryClient({ onSignedOut }: { onSignedOut: () => void }): QueryClient {
  const onError = (error: unknown) => {
    if (!isAborted(error) && problemOf(error).code === 'not_signed_in') onSignedOut()
  }
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        retry: (failures, error) => failures < 2 && isWorthRetrying(error),
        // Without a network a question fails at once and says so, instead of waiting for ever.
        networkMode: 'always',
      },
      mutations: { retry: false, networkMode: 'always' },
    },
  })
}

/** The browser's entry: look, keys, queries, routes. */
import { QueryClientProvider } from '@tanstack/react-query'
import { createRouter, RouterProvider } from '@tanstack/react-router'
import { lazy, StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { TaskSlotsAre } from '../collect/tasks/slots.tsx'
import { ModelSlotsAre } from '../models/slots.tsx'
import { parseAddress, writeAddress } from './address.ts'
import { Keys } from './keys.tsx'
import { Notices } from './notices.tsx'
import { queryClient } from './query.ts'
import { routeTree } from './routes.tsx'
import { Loading, Problem } from './states.tsx'
import { Look } from './theme.tsx'

const router = createRouter({
  routeTree,
  parseSearch: parseAddress,
  stringifySearch: writeAddress,
  defaultPreload: 'intent',
  defaultPendingComponent: () => <Loading lines={8} />,
  defaultErrorComponent: ({ error, reset }) => <Problem error={error} onRetry={reset} />,
  defaultNotFoundComponent: () => (
    <Problem
      error={{ code: 'not_found', message: 'There is no such page.', hint: 'Check the address, or start at /.' }}
    />
  ),
})

/** What later stations show on the screens of tasks, of models and policies; each loaded when it is first needed. */
const ofTasks = {
  AfterSubmit: lazy(async () => ({ default: (await import('../assure/gold/after-submit.tsx')).AfterSubmit })),
  OfAnnotation: lazy(async () => ({ default: (await import('../assure/review/of-annotation.tsx')).OfAnnotation })),
  ofTask: [
    lazy(async () => ({ default: (await import('../assure/consensus/of-task.tsx')).OfTask })),
    lazy(async () => ({ default: (await import('../assure/gold/of-task.tsx')).OfTask })),
  ],
}

const ofModels = {
  Promoted: lazy(async () => ({ default: (await import('../evaluate/gates/of-policy.tsx')).Promoted })),
}

/** Whoever signs in again comes back to where they were. */
function toSignIn(): void {
  const { pathname, searchStr } = router.state.location
  if (pathname === '/sign-in' || pathname.startsWith('/invitation/')) return
  queries.removeQueries({ queryKey: ['me'] })
  const next = pathname === '/' ? '' : writeAddress({ next: pathname + searchStr })
  void router.navigate({ href: `/sign-in${next}`, replace: true })
}
const queries = queryClient({ onSignedOut: toSignIn })

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <Look>
      <QueryClientProvider client={queries}>
        <Keys>
          <TaskSlotsAre slots={ofTasks}>
            <ModelSlotsAre slots={ofModels}>
              <RouterProvider router={router} />
            </ModelSlotsAre>
          </TaskSlotsAre>
          <Notices />
        </Keys>
      </QueryClientProvider>
    </Look>
  </StrictMode>,
)

/** The browser's entry: look, keys, queries, routes. Every screen is a chunk of its own, loaded when it is first opened. */
import { QueryClientProvider } from '@tanstack/react-query'
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  RouterProvider,
} from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { parseAddress, writeAddress } from './address.ts'
import { Keys } from './keys.tsx'
import { Notices } from './notices.tsx'
import { queryClient } from './query.ts'
import { Loading, Problem } from './states.tsx'
import { Look } from './theme.tsx'

const root = createRootRoute({ component: Outlet })
const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  component: lazyRouteComponent(() => import('./home.tsx'), 'Home'),
})

const router = createRouter({
  routeTree: root.addChildren([home]),
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
const queries = queryClient({ onSignedOut: () => void router.navigate({ href: '/' }) })

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <Look>
      <QueryClientProvider client={queries}>
        <Keys>
          <RouterProvider router={router} />
          <Notices />
        </Keys>
      </QueryClientProvider>
    </Look>
  </StrictMode>,
)

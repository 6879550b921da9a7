/** Every widget on one page, for development (`PLUMBLINE_GALLERY=1 npx vite`) and for the browser tests. */
import { QueryClientProvider } from '@tanstack/react-query'
import { createRootRoute, createRoute, createRouter, Outlet, RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { parseAddress, writeAddress } from './address.ts'
import { Frame } from './gallery/frame.tsx'
import { Hostile } from './gallery/hostile.tsx'
import { Widgets } from './gallery/widgets.tsx'
import { Window } from './gallery/window.tsx'
import { Keys } from './keys.tsx'
import { Notices } from './notices.tsx'
import { queryClient } from './query.ts'
import { Look } from './theme.tsx'

const root = createRootRoute({ component: Outlet })
const hostile = createRoute({ getParentRoute: () => root, path: '/hostile', component: Hostile })
const work = createRoute({ getParentRoute: () => root, path: '/work', component: Window })
const framed = createRoute({ getParentRoute: () => root, id: 'framed', component: Frame })
const widgets = createRoute({ getParentRoute: () => framed, path: '$', component: Widgets })

const router = createRouter({
  routeTree: root.addChildren([hostile, work, framed.addChildren([widgets])]),
  parseSearch: parseAddress,
  stringifySearch: writeAddress,
})

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <Look>
      <QueryClientProvider client={queryClient({ onSignedOut: () => {} })}>
        <Keys>
          <RouterProvider router={router} />
          <Notices />
        </Keys>
      </QueryClientProvider>
    </Look>
  </StrictMode>,
)

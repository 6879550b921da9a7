/**
 * Addresses and their screens, each a chunk of its own that is loaded when it is first opened. A page of a project is one
 * line in `pages`: its module exports `Screen`, which reads the project with `useProject()` and path parameters with
 * `useParams({ strict: false })`. The rail shows the stations that have a page here.
 */
import { createRootRoute, createRoute, lazyRouteComponent, Outlet } from '@tanstack/react-router'
import type { ComponentType } from 'react'
import { findPrompts } from '../collect/prompts/find.ts'
import { findTasks } from '../collect/tasks/find.ts'
import { findRuns } from '../learn/runs/find.ts'
import { SignedIn } from '../people/account/signed-in.tsx'
import { findMembers } from '../people/members/find.ts'
import { OutsideFrame, ProjectFrame, ProjectStart, WorkFrame } from '../projects/frame.tsx'

/** What the palette searches a project for. */
const finders = [findPrompts, findTasks, findMembers, findRuns]

type Loaded = () => Promise<{ Screen: ComponentType }>

/** Under /projects/ID, in the order of the rail; `$name` stands for a path parameter. */
const pages: Record<string, Loaded> = {
  loop: () => import('../loop/screen.tsx'),
  prompts: () => import('../collect/prompts/screen.tsx'),
  policies: () => import('../models/policies/screen.tsx'),
  samples: () => import('../collect/sampling/screen.tsx'),
  tasks: () => import('../collect/tasks/list-screen.tsx'),
  guideline: () => import('../projects/guideline/screen.tsx'),
  comparison: () => import('../collect/templates/screen.tsx'),
  quality: () => import('../assure/quality/screen.tsx'),
  review: () => import('../assure/review/screen.tsx'),
  annotators: () => import('../assure/quality/people-screen.tsx'),
  exports: () => import('../assure/export/screen.tsx'),
  reward: () => import('../learn/reward/screen.tsx'),
  datasets: () => import('../learn/datasets/screen.tsx'),
  runs: () => import('../learn/runs/screen.tsx'),
  models: () => import('../models/checkpoints/screen.tsx'),
  lineage: () => import('../learn/runs/lineage-screen.tsx'),
  leaderboard: () => import('../evaluate/leaderboard/screen.tsx'),
  'compare-two': () => import('../evaluate/head-to-head/screen.tsx'),
  hybrid: () => import('../evaluate/hybrid/screen.tsx'),
  gates: () => import('../evaluate/gates/screen.tsx'),
  people: () => import('../people/members/screen.tsx'),
  settings: () => import('../projects/settings-screen.tsx'),
  audit: () => import('../projects/audit/screen.tsx'),
  activity: () => import('../projects/jobs/screen.tsx'),
}

/** Pages that belong to no project. */
const outsidePages: Record<string, Loaded> = {
  '/': () => import('../projects/screen.tsx'),
  account: () => import('../people/account/screen.tsx'),
  people: () => import('../people/organisation/screen.tsx'),
  reference: () => import('./reference/screen.tsx'),
  'docs/statistics/$page': () => import('./methods/screen.tsx'),
}

const work: Loaded = () => import('../collect/work/screen.tsx')

/** An annotator's own work: no rail, as those who only annotate may read no other page. */
const myWork: Loaded = () => import('../assure/quality/my-work-screen.tsx')

const screen = (loaded: Loaded) => lazyRouteComponent(loaded, 'Screen')

const root = createRootRoute({ component: Outlet })
const signedIn = createRoute({ getParentRoute: () => root, id: 'signed-in', component: SignedIn })
const outside = createRoute({ getParentRoute: () => signedIn, id: 'outside', component: OutsideFrame })
const inProject = createRoute({
  getParentRoute: () => signedIn,
  path: 'projects/$project',
  component: () => <ProjectFrame pages={Object.keys(pages)} finders={finders} />,
})
const inWork = createRoute({ getParentRoute: () => signedIn, path: 'projects/$project/work', component: WorkFrame })
const inMyWork = createRoute({
  getParentRoute: () => signedIn,
  path: 'projects/$project/my-work',
  component: WorkFrame,
})

export const routeTree = root.addChildren([
  createRoute({
    getParentRoute: () => root,
    path: 'sign-in',
    component: screen(() => import('../people/account/sign-in-screen.tsx')),
  }),
  createRoute({
    getParentRoute: () => root,
    path: 'invitation/$token',
    component: screen(() => import('../people/invitations/screen.tsx')),
  }),
  signedIn.addChildren([
    outside.addChildren(
      Object.entries(outsidePages).map(([path, loaded]) =>
        createRoute({ getParentRoute: () => outside, path, component: screen(loaded) }),
      ),
    ),
    inWork.addChildren([createRoute({ getParentRoute: () => inWork, path: '/', component: screen(work) })]),
    inMyWork.addChildren([createRoute({ getParentRoute: () => inMyWork, path: '/', component: screen(myWork) })]),
    inProject.addChildren([
      createRoute({
        getParentRoute: () => inProject,
        path: '/',
        component: () => <ProjectStart pages={Object.keys(pages)} />,
      }),
      ...Object.entries(pages).map(([path, loaded]) =>
        createRoute({ getParentRoute: () => inProject, path, component: screen(loaded) }),
      ),
    ]),
  ]),
])

/** The shell around the widgets. */
import { Outlet } from '@tanstack/react-router'
import { useState } from 'react'
import type { PaletteItem, PaletteSearch } from '../palette.tsx'
import { Shell } from '../shell.tsx'
import { stationsOf } from '../stations.ts'

const projects = [
  { id: '1', name: 'Helpful and harmless' },
  { id: '2', name: 'Summaries' },
]

const people: PaletteItem[] = ['Ada', 'Grace', 'Emmy'].map((label) => ({
  id: label,
  label,
  group: 'People',
  run: () => {},
}))

const search: PaletteSearch = {
  groups: ['People'],
  find: async (query) => people.filter(({ label }) => label.toLowerCase().includes(query.toLowerCase())),
}

export function Frame() {
  const [project, setProject] = useState(projects[0]!)
  const [running, setRunning] = useState(true)
  return (
    <Shell
      project={project}
      projects={projects}
      onProject={(id) => setProject(projects.find((each) => each.id === id)!)}
      stations={stationsOf(project.id)}
      search={search}
      banner="Demo project: its annotators are simulated."
      activity={
        running
          ? [
              {
                id: 'import',
                label: 'Import pairs.jsonl',
                done: 640,
                total: 1800,
                leftMs: 4000,
                onCancel: () => setRunning(false),
              },
            ]
          : []
      }
      me={{ name: 'Mina Lead', email: 'mina@example.org' }}
      meItems={[{ label: 'My work', to: '/work' }]}
      onSignOut={() => {}}
    >
      <Outlet />
    </Shell>
  )
}

/** Who is signed in and which project is open, for any screen below: `const { id, can } = useProject()`. */
import { createContext, type ReactNode, useContext } from 'react'
import type { Action } from '../platform/contract.ts'

interface CurrentPerson {
  id: string
  name: string
  email: string
  /** Owner of the organisation. */
  owner: boolean
}

export interface CurrentProject {
  id: string
  name: string
  role: 'lead' | 'engineer' | 'reviewer' | 'annotator' | 'viewer'
  demo: boolean
  /** What kept the demo from its end. */
  demoProblem: string | null
  archived: boolean
  /** Whether one's role allows it. The server decides; this only spares people buttons that would be refused. */
  can(action: Action): boolean
}

const Person = createContext<CurrentPerson | undefined>(undefined)
const Project = createContext<CurrentProject | undefined>(undefined)

export const CurrentPersonIs = ({ person, children }: { person: CurrentPerson; children: ReactNode }) => (
  <Person value={person}>{children}</Person>
)

export const CurrentProjectIs = ({ project, children }: { project: CurrentProject; children: ReactNode }) => (
  <Project value={project}>{children}</Project>
)

/** The person signed in; throws outside the pages that ask for signing in. */
export function useMe(): CurrentPerson {
  const person = useContext(Person)
  if (!person) throw new Error('useMe needs a page that is shown to people who are signed in.')
  return person
}

/** The project of the address; throws outside /projects/ID. */
export function useProject(): CurrentProject {
  const project = useContext(Project)
  if (!project) throw new Error('useProject needs a page under /projects/ID.')
  return project
}

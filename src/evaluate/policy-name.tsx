/** The name of a policy, wherever one decides about it: it leads to where its model comes from, or to the policy itself. */
import { useProject } from '../web/current.tsx'
import { Go } from '../web/link.tsx'
import type { Named } from './head-to-head/contract.ts'

export function PolicyName({ of: { id, name, checkpoint } }: { of: Named }) {
  const { id: project, can } = useProject()
  if (checkpoint && can('model.read'))
    return <Go to={`/projects/${project}/lineage?checkpoint=${checkpoint}`}>{name}</Go>
  if (can('policy.read')) return <Go to={`/projects/${project}/policies?row=${id}`}>{name}</Go>
  return name
}

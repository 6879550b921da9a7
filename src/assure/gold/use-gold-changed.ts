/** After a key was written or taken away: what lists say of the task, and everything that is measured by gold. */
import { useQueryClient } from '@tanstack/react-query'
import { useProject } from '../../web/current.tsx'

export function useGoldChanged(): () => Promise<unknown> {
  const { id: project } = useProject()
  const queries = useQueryClient()
  const keys = [
    ['gold', project],
    ['tasks', project],
    ['quality', project, 'gold'],
  ]
  return () => Promise.all(keys.map((queryKey) => queries.invalidateQueries({ queryKey })))
}

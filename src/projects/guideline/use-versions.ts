/** Published versions, as screens read them. */
import { queryOptions, useQuery } from '@tanstack/react-query'
import { clientOf } from '../../web/client.ts'
import { guideline } from './contract.ts'

const api = clientOf({ guideline }).guideline

export const useVersions = (project: string) =>
  useQuery({
    queryKey: ['guideline', project, 'versions'],
    queryFn: ({ signal }) => api.versions({ project }, { signal }),
  })

export const versionQuery = (project: string, version: number | undefined) =>
  queryOptions({
    queryKey: ['guideline', project, 'version', version],
    queryFn: ({ signal }) => api.version({ project, version: version! }, { signal }),
    enabled: version !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
  })

export const useVersion = (project: string, version: number | undefined) => useQuery(versionQuery(project, version))

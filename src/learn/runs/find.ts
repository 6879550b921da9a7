/** Runs in the palette, by name. */
import { clientOf } from '../../web/client.ts'
import { type Finder, foundOfEach } from '../../web/palette.tsx'
import { runs } from './contract.ts'

const api = clientOf({ runs }).runs

export const findRuns: Finder = {
  group: 'Runs',
  needs: 'model.read',
  async find(project, search, signal) {
    const { rows } = await api.list({ project, search, limit: foundOfEach }, { signal })
    return rows.map(({ id, name, state }) => ({
      id: `run ${id}`,
      label: name,
      hint: state,
      to: `/projects/${project}/runs?run=${id}`,
    }))
  },
}

/** People of a project in the palette, by name or address. */
import { clientOf } from '../../web/client.ts'
import { type Finder, foundOfEach } from '../../web/palette.tsx'
import { members } from './contract.ts'

const api = clientOf({ members }).members

export const findMembers: Finder = {
  group: 'People',
  needs: 'member.read',
  async find(project, search, signal) {
    const { rows } = await api.list({ project, search, limit: foundOfEach }, { signal })
    return rows.map(({ person, name, role }) => ({
      id: `person ${person}`,
      label: name,
      hint: role,
      to: `/projects/${project}/people?row=${person}`,
    }))
  },
}

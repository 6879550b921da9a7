/** Tasks in the palette, by their prompt. */
import { clientOf } from '../../web/client.ts'
import { type Finder, foundOfEach } from '../../web/palette.tsx'
import { tasks } from './contract.ts'

const api = clientOf({ tasks }).tasks

export const findTasks: Finder = {
  group: 'Tasks',
  needs: 'task.read',
  async find(project, search, signal) {
    const { rows } = await api.list({ project, search, limit: foundOfEach }, { signal })
    return rows.map(({ id, opening, state }) => ({
      id: `task ${id}`,
      label: opening,
      hint: state.replaceAll('-', ' '),
      to: `/projects/${project}/tasks?row=${id}`,
    }))
  },
}

/** Prompts in the palette. */
import { clientOf } from '../../web/client.ts'
import { type Finder, foundOfEach } from '../../web/palette.tsx'
import { prompts } from './contract.ts'

const api = clientOf({ prompts }).prompts

export const findPrompts: Finder = {
  group: 'Prompts',
  needs: 'prompt.read',
  async find(project, search, signal) {
    const { rows } = await api.list({ project, search, limit: foundOfEach }, { signal })
    return rows.map(({ id, opening, tags }) => ({
      id: `prompt ${id}`,
      label: opening,
      hint: tags.join(', '),
      to: `/projects/${project}/prompts?row=${id}`,
    }))
  },
}

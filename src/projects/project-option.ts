/** `--project NAME`: how every command that works in one project finds it. */
import { type DataOptions, type OpenData, withOpenData } from '../platform/data-option.ts'
import type { Db } from '../platform/sql.ts'

/** Opens the data folder, finds the project by id or name, acts, and closes again. */
export const inProject = <T>(
  options: DataOptions & { project: string },
  act: (db: Db, project: string, opened: OpenData) => Promise<T>,
): Promise<T> =>
  withOpenData(options, async (opened) => {
    const { projectNamed } = await import('./store.ts')
    return act(opened.db, (await projectNamed(opened.db, options.project)).id, opened)
  })

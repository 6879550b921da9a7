/** Open models, each in its thread: the last few that were asked for stay open, the one asked longest ago goes first. */
import { type BackgroundModel, openInBackground } from './background.ts'

export interface ModelPool {
  /** The open model of this path (see `findModel`); opened once however many ask at the same time. */
  use(path: string): Promise<BackgroundModel>
  close(): Promise<void>
}

/** Keeps at most `most` models open: a model of 135 million weights takes about 0.7 GB. */
export function modelPool({ most = 2, threads }: { most?: number; threads?: number } = {}): ModelPool {
  const open = new Map<string, Promise<BackgroundModel>>()
  const closeModel = async (opening: Promise<BackgroundModel>): Promise<void> => {
    const model = await opening.catch(() => undefined)
    await model?.close()
  }
  return {
    use: (path) => {
      const present = open.get(path)
      open.delete(path)
      const model = present ?? openInBackground(path, threads)
      open.set(path, model)
      // One that did not open is tried again the next time.
      model.catch(() => open.get(path) === model && open.delete(path))
      const [oldest] = open.keys()
      if (open.size > most && oldest !== undefined) {
        void closeModel(open.get(oldest)!)
        open.delete(oldest)
      }
      return model
    },
    close: async () => {
      await Promise.all([...open.values()].map(closeModel))
      open.clear()
    },
  }
}

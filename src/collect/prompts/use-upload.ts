/** Sends a file in parts, one after the other; a part that got lost is sent again. Flat memory for a file of any size. */
import { clientOf } from '../../web/client.ts'
import { isWorthRetrying } from '../../web/problem.ts'
import { prompts } from './contract.ts'

const api = clientOf({ prompts }).prompts

const tries = 4

async function patiently<T>(attempt: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let n = 1; ; n++) {
    try {
      return await attempt()
    } catch (error) {
      if (signal.aborted || n === tries || !isWorthRetrying(error)) throw error
      await new Promise((done) => setTimeout(done, 500 * 2 ** n))
    }
  }
}

/** Answers with the id of the upload; what was sent is thrown away when `signal` is aborted or a part cannot be sent. */
export async function sendFile(
  project: string,
  file: File,
  { signal, onProgress }: { signal: AbortSignal; onProgress(bytes: number): void },
): Promise<string> {
  const { upload, partBytes } = await api.upload({ project, name: file.name }, { signal })
  try {
    for (let part = 0; part === 0 || part * partBytes < file.size; part++) {
      const bytes = new File([file.slice(part * partBytes, (part + 1) * partBytes)], 'part')
      await patiently(() => api.part({ project, upload, part, bytes }, { signal }), signal)
      onProgress(Math.min(file.size, (part + 1) * partBytes))
    }
    return upload
  } catch (error) {
    await api.discard({ project, upload }).catch(() => {
      // The server forgets it by itself after two days.
    })
    throw error
  }
}

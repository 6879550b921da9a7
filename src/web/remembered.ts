/** Small choices that this browser remembers: columns, saved filters. Lost storage only means the default again. */
import { useCallback, useState } from 'react'

function read<T>(key: string, fallback: T, isValid: (value: unknown) => value is T): T {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(key) ?? 'null')
    return isValid(value) ? value : fallback
  } catch {
    return fallback
  }
}

/** Like `useState`, kept in local storage under `plumbline:name`; what `isValid` refuses (an older form) is dropped. */
export function useRemembered<T>(
  name: string,
  fallback: T,
  isValid: (value: unknown) => value is T,
): [T, (value: T) => void] {
  const key = `plumbline:${name}`
  const [value, setValue] = useState(() => read(key, fallback, isValid))
  const remember = useCallback(
    (next: T) => {
      setValue(next)
      try {
        localStorage.setItem(key, JSON.stringify(next))
      } catch {
        // A full or forbidden storage loses the memory, not the choice.
      }
    },
    [key],
  )
  return [value, remember]
}

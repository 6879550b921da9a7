/** State that lives in the address: filters, sort, selected row, tab. A link then shows a colleague the same thing. */
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback } from 'react'

export type Address = Readonly<Record<string, string>>

/** Plain query strings (`?sort=-created&state=open`), not the router's JSON ones: they are read, typed and shared by people. */
export const parseAddress = (search: string): Address => Object.fromEntries(new URLSearchParams(search))

export function writeAddress(address: Record<string, unknown>): string {
  const entries = Object.entries(address).filter(([, value]) => value != null && value !== '')
  const text = new URLSearchParams(entries.map(([key, value]): [string, string] => [key, String(value)])).toString()
  return text ? `?${text}` : ''
}

/**
 * The parameters of the address and a way to change some of them: `set({ tab: 'history', row: undefined })`.
 * With `replace` the change makes no step in the browser's history: for typing in a filter.
 */
export function useAddress(): [
  Address,
  (changes: Record<string, string | undefined>, how?: { replace?: boolean }) => void,
] {
  const address: Address = useSearch({ strict: false })
  const navigate = useNavigate()
  const set = useCallback(
    (changes: Record<string, string | undefined>, { replace = false }: { replace?: boolean } = {}) => {
      void navigate({
        to: '.',
        search: (old: object) => ({ ...old, ...changes }),
        replace,
        resetScroll: false,
      } as never)
    },
    [navigate],
  )
  return [address, set]
}

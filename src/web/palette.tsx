/** The search palette, `/` or Ctrl-K: pages and actions that parts of the page register, and whatever the server finds. */
import { Kbd, Loader, Modal, Text } from '@mantine/core'
import {
  createContext,
  Fragment,
  type ReactNode,
  useContext,
  useEffect,
  useId,
  useMemo,
  useState,
  useSyncExternalStore,
} from 'react'
import type { Action } from '../platform/contract.ts'
import { useKeys } from './keys.tsx'
import classes from './palette.module.css'
import { grouped, matching } from './palette-match.ts'
import { problemOf } from './problem.ts'

export interface PaletteItem {
  id: string
  label: string
  /** Heading under which it stands: Pages, Prompts, Tasks, People, Runs. */
  group: string
  hint?: string
  run: () => void
}

/** What the server finds, and under which headings. */
export interface PaletteSearch {
  groups: readonly string[]
  find(query: string, signal: AbortSignal): Promise<readonly PaletteItem[]>
}

/** One kind of thing that is found in a project, by those whose role allows it; `to` is where it is shown. */
export interface Finder {
  group: string
  needs: Action
  find(
    project: string,
    search: string,
    signal: AbortSignal,
  ): Promise<readonly { id: string; label: string; hint?: string; to: string }[]>
}

/** Of each kind: whoever wants more goes to its page. */
export const foundOfEach = 5

class Registered {
  private lists = new Map<object, readonly PaletteItem[]>()
  private listeners = new Set<() => void>()
  private flat: readonly PaletteItem[] = []
  items = () => this.flat
  subscribe = (listener: () => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }
  put(owner: object, items: readonly PaletteItem[] | undefined) {
    if (items) this.lists.set(owner, items)
    else this.lists.delete(owner)
    this.flat = [...this.lists.values()].flat()
    for (const listener of this.listeners) listener()
  }
}

interface PaletteContext {
  registered: Registered
  open: () => void
}
const Context = createContext<PaletteContext | undefined>(undefined)

function usePaletteContext(): PaletteContext {
  const context = useContext(Context)
  if (!context) throw new Error('The palette needs a <Palette> above it.')
  return context
}

/** Opens the palette from a button. */
export const useOpenPalette = (): (() => void) => usePaletteContext().open

/** Offers items for as long as the component is mounted; memoise the array. */
export function usePaletteItems(items: readonly PaletteItem[]): void {
  const { registered } = usePaletteContext()
  useEffect(() => {
    const owner = {}
    registered.put(owner, items)
    return () => registered.put(owner, undefined)
  }, [registered, items])
}

export function Palette({ search, children }: { search?: PaletteSearch; children: ReactNode }) {
  const [opened, setOpened] = useState(false)
  const registered = useMemo(() => new Registered(), [])
  const context = useMemo(() => ({ registered, open: () => setOpened(true) }), [registered])
  useKeys(
    [
      { key: '/', label: 'Search', run: () => setOpened(true) },
      { key: 'mod+k', label: 'Search', run: () => setOpened(true), inInputs: true },
    ],
    'Everywhere',
  )
  return (
    <Context value={context}>
      {children}
      <Modal
        opened={opened}
        onClose={() => setOpened(false)}
        withCloseButton={false}
        padding={0}
        size="lg"
        yOffset="10vh"
        attributes={{ content: { 'aria-label': 'Search' } }}
      >
        <Finder search={search} onDone={() => setOpened(false)} />
      </Modal>
    </Context>
  )
}

interface Found {
  items: readonly PaletteItem[]
  busy: boolean
  error?: unknown
}

/** Asks the server 150 ms after the last key, and gives up the question when the next one comes. */
function useFound(query: string, search: PaletteSearch | undefined): Found {
  const [found, setFound] = useState<Found>({ items: [], busy: false })
  useEffect(() => {
    if (!search || !query.trim()) {
      setFound({ items: [], busy: false })
      return
    }
    const abort = new AbortController()
    setFound((old) => ({ ...old, busy: true }))
    const timer = setTimeout(() => {
      search.find(query.trim(), abort.signal).then(
        (items) => abort.signal.aborted || setFound({ items, busy: false }),
        (error: unknown) => abort.signal.aborted || setFound({ items: [], busy: false, error }),
      )
    }, 150)
    return () => {
      clearTimeout(timer)
      abort.abort()
    }
  }, [query, search])
  return found
}

function Finder({ search, onDone }: { search: PaletteSearch | undefined; onDone: () => void }) {
  const { registered } = usePaletteContext()
  const own = useSyncExternalStore(registered.subscribe, registered.items)
  const [query, setQuery] = useState('')
  const [at, setAt] = useState(0)
  const list = useId()
  const found = useFound(query, search)
  const what = `Search ${['pages', ...(search?.groups ?? [])].join(', ').toLowerCase()}`
  const groups = useMemo(() => grouped([...matching(own, query), ...found.items]), [own, query, found.items])
  const items = groups.flatMap((group) => group.items)
  const current = Math.min(at, items.length - 1)

  useEffect(() => {
    document.getElementById(`${list}-${current}`)?.scrollIntoView({ block: 'nearest' })
  }, [list, current])

  const choose = (item: PaletteItem | undefined) => {
    if (!item) return
    onDone()
    item.run()
  }
  const steps: Record<string, () => void> = {
    ArrowDown: () => setAt(items.length ? (current + 1) % items.length : 0),
    ArrowUp: () => setAt(items.length ? (current - 1 + items.length) % items.length : 0),
    Enter: () => choose(items[current]),
  }
  return (
    <div>
      <div className={classes.head}>
        <input
          className={classes.input}
          role="combobox"
          aria-label={what}
          aria-expanded={items.length > 0}
          aria-controls={list}
          aria-activedescendant={items.length ? `${list}-${current}` : undefined}
          placeholder={what}
          autoComplete="off"
          data-autofocus
          value={query}
          onChange={(event) => {
            setQuery(event.currentTarget.value)
            setAt(0)
          }}
          onKeyDown={(event) => {
            const step = event.nativeEvent.isComposing ? undefined : steps[event.key]
            if (!step) return
            event.preventDefault()
            step()
          }}
        />
        {found.busy ? <Loader size="xs" role="status" aria-label="Searching" /> : <Kbd size="xs">Esc</Kbd>}
      </div>
      <div id={list} role="listbox" aria-label="Results" className={classes.list}>
        {groups.map((group) => (
          <Fragment key={group.name}>
            <div className={classes.group} role="presentation">
              {group.name}
            </div>
            {group.items.map((item, within) => {
              const index = group.from + within
              return (
                <div
                  key={item.id}
                  id={`${list}-${index}`}
                  role="option"
                  tabIndex={-1}
                  aria-selected={index === current}
                  className={classes.item}
                  onMouseMove={() => setAt(index)}
                  onMouseDown={(event) => event.preventDefault()}
                  onClick={() => choose(item)}
                  onKeyDown={(event) => event.key === 'Enter' && choose(item)}
                >
                  <span className={classes.label}>{item.label}</span>
                  {item.hint && <span className={classes.hint}>{item.hint}</span>}
                </div>
              )
            })}
          </Fragment>
        ))}
      </div>
      <Text role="status" size="sm" c="dimmed" px="md" py={found.error || !items.length ? 'sm' : 0}>
        {found.error ? problemOf(found.error).message : !items.length && !found.busy ? 'Nothing found.' : ''}
      </Text>
    </div>
  )
}

/** One registry of keyboard shortcuts for the whole page; `?` lists those that are active now. */
import { Kbd, Modal, Table, Title } from '@mantine/core'
import {
  createContext,
  type ReactNode,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react'
import { type KeyBinding, KeyRegistry, keyLabel } from './key-registry.ts'

const Registry = createContext<KeyRegistry | undefined>(undefined)

function useRegistry(): KeyRegistry {
  const registry = useContext(Registry)
  if (!registry) throw new Error('useKeys needs a <Keys> above it.')
  return registry
}

const isTyping = (element: Element | null): boolean =>
  element instanceof HTMLElement &&
  (element.isContentEditable ||
    element instanceof HTMLTextAreaElement ||
    element instanceof HTMLSelectElement ||
    (element instanceof HTMLInputElement && !['checkbox', 'radio', 'button', 'submit', 'range'].includes(element.type)))

/** Enter and Space belong to a focused control that answers them; arrows to lists and radios. */
function belongsToControl(event: KeyboardEvent, element: Element | null): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false
  if (event.key === 'Enter' || event.key === ' ')
    return Boolean(element?.closest('a[href], button, summary, [role="button"], [role="menuitem"], [role="option"]'))
  if (event.key.startsWith('Arrow'))
    return Boolean(element?.closest('input, [role="radiogroup"], [role="slider"], [role="tablist"]'))
  return false
}

/**
 * Registers keys for as long as the component is mounted. `exclusive` silences every layer below, for dialogs and modes.
 * Two active meanings of one key throw in development. `useKeys([{ key: '1', label: 'A is much better', run }], 'Work')`
 */
export function useKeys(
  bindings: readonly KeyBinding[],
  scope: string,
  { exclusive = false, always = false }: { exclusive?: boolean; always?: boolean } = {},
): void {
  const registry = useRegistry()
  const latest = useRef(bindings)
  useEffect(() => {
    latest.current = bindings
  })
  // The layer changes only with what the keys are and say; what they run is looked up when they are pressed.
  const shape = JSON.stringify(bindings.map(({ key, label, inInputs, repeats }) => ({ key, label, inInputs, repeats })))
  const place = useRef<number>(undefined)
  useEffect(() => {
    place.current ??= registry.nextPlace()
    const fixed = JSON.parse(shape) as Omit<KeyBinding, 'run'>[]
    return registry.add({
      scope,
      exclusive,
      always,
      place: place.current,
      bindings: fixed.map((binding, at) => ({ ...binding, run: (event) => latest.current[at]?.run(event) })),
    })
  }, [registry, scope, exclusive, always, shape])
}

/** The little picture of a key, for buttons and menus. */
export function KeyHint({ k }: { k: string }) {
  return (
    <Kbd size="xs" aria-hidden="true">
      {keyLabel(k)}
    </Kbd>
  )
}

/** Around the whole application: listens on the window and owns the list that `?` opens. */
export function Keys({ children }: { children: ReactNode }) {
  const registry = useMemo(() => new KeyRegistry({ strict: import.meta.env.DEV }), [])
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing) return
      const focused = document.activeElement
      const binding = registry.find(event)
      if (!binding || (event.repeat && !binding.repeats)) return
      if (isTyping(focused) && !binding.inInputs) return
      if (belongsToControl(event, focused)) return
      // A menu or dialog that did not register keys of its own keeps the page below silent.
      const over = focused?.closest('[role="dialog"], [role="menu"], [role="listbox"]')
      if (over && !binding.inInputs && !registry.active().some((layer) => layer.exclusive)) return
      event.preventDefault()
      binding.run(event)
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [registry])
  return (
    <Registry value={registry}>
      {children}
      <KeyList />
    </Registry>
  )
}

function KeyList() {
  const registry = useRegistry()
  const [open, setOpen] = useState(false)
  const layers = useSyncExternalStore(registry.subscribe, registry.active)
  useKeys([{ key: '?', label: 'Show all keys', run: () => setOpen(true) }], 'Everywhere', { always: true })
  const scopes = [...new Set(layers.map((layer) => layer.scope))].reverse()
  return (
    <Modal opened={open} onClose={() => setOpen(false)} title="Keys that work here" size="md">
      {scopes.map((scope) => (
        <section key={scope} aria-label={scope}>
          <Title order={3} mt="sm">
            {scope}
          </Title>
          <Table verticalSpacing={4}>
            <Table.Tbody>
              {layers
                .filter((layer) => layer.scope === scope)
                .flatMap((layer) => layer.bindings)
                .map(({ key, label }) => (
                  <Table.Tr key={`${key} ${label}`}>
                    <Table.Th w="8rem" scope="row">
                      <Kbd>{keyLabel(key)}</Kbd>
                    </Table.Th>
                    <Table.Td>{label}</Table.Td>
                  </Table.Tr>
                ))}
            </Table.Tbody>
          </Table>
        </section>
      ))}
    </Modal>
  )
}

/** Which key does what now. Pure: no DOM beyond the shape of a keyboard event, so that it is tested without a browser. */

export interface KeyBinding {
  /** As printed on the key: `1`, `d`, `Enter`, `Backspace`, `ArrowUp`, `?`; with `shift+`, `alt+` or `mod+` (Ctrl or Cmd). */
  key: string
  /** What it does, in the words of the button that does the same. */
  label: string
  run: (event: KeyboardEvent) => void
  /** Also while typing in a field. */
  inInputs?: boolean
  /** Also for the repeats of a key that is held down; without it a held Enter would submit twice. */
  repeats?: boolean
}

interface KeyLayer {
  /** Heading in the list of keys. */
  scope: string
  bindings: readonly KeyBinding[]
  /** While this layer is there, only it and later layers hear keys: for dialogs and modes. */
  exclusive?: boolean
  /** Heard even below an exclusive layer. */
  always?: boolean
  /**
   * Its place among the layers, from `nextPlace`; on top without one. A layer that changes keeps its place, or one that
   * lies under a dialog would come to lie over it.
   */
  place?: number
}

/** The part of a keyboard event that decides. */
export type Stroke = Pick<KeyboardEvent, 'key' | 'code' | 'shiftKey' | 'ctrlKey' | 'metaKey' | 'altKey'>

/**
 * The names a stroke answers to. Beside the printed key it answers to the Latin letter or digit of the physical key where
 * the layout prints something else there (Cyrillic `в` is also `d`; the unshifted French `&` is also `1`).
 */
export function strokeNames({ key, code, shiftKey, ctrlKey, metaKey, altKey }: Stroke): string[] {
  const mod = ctrlKey || metaKey ? 'mod+' : ''
  const alt = altKey ? 'alt+' : ''
  const shift = shiftKey ? 'shift+' : ''
  const letter = [...key].length === 1
  // Shift is part of how `?` is typed, but it tells `D` from `d`, and `shift+Enter` from `Enter`.
  const shifts = letter && key.toLowerCase() === key.toUpperCase() ? '' : shift
  const names = [mod + alt + shifts + (letter ? key.toLowerCase() : key)]
  const physical = /^(?:Key([A-Z])|Digit(\d))$/.exec(code)
  if (physical?.[1] && letter && key > '\x7f') names.push(mod + alt + shift + physical[1].toLowerCase())
  if (physical?.[2] && !shiftKey && !/\d/.test(key)) names.push(mod + alt + physical[2])
  return names
}

const normal = (key: string) => {
  const parts = key.split(/\+(?=.)/)
  const last = parts.pop()!
  const has = (name: string) => parts.includes(name)
  return (
    (has('mod') ? 'mod+' : '') +
    (has('alt') ? 'alt+' : '') +
    (has('shift') ? 'shift+' : '') +
    ([...last].length === 1 ? last.toLowerCase() : last)
  )
}

/** How a key is printed for people: `Ctrl K`, `↑`. */
export const keyLabel = (key: string): string =>
  key
    .split(/\+(?=.)/)
    .map((part) => {
      const names: Record<string, string> = {
        mod: 'Ctrl',
        alt: 'Alt',
        shift: 'Shift',
        ' ': 'Space',
        ArrowUp: '↑',
        ArrowDown: '↓',
        ArrowLeft: '←',
        ArrowRight: '→',
        Escape: 'Esc',
      }
      return names[part] ?? (part.length === 1 ? part.toUpperCase() : part)
    })
    .join(' ')

type PlacedLayer = KeyLayer & { place: number }

/** Layers from the last exclusive one on, and those that are always heard. */
function heardOf(layers: readonly PlacedLayer[]): readonly PlacedLayer[] {
  const floor = layers.findLastIndex((layer) => layer.exclusive)
  return layers.filter((layer, at) => at >= floor || layer.always)
}

function refuseConflicts(layers: readonly KeyLayer[]): void {
  const taken = new Map<string, string>()
  for (const { scope, bindings } of layers)
    for (const { key, label } of bindings) {
      const name = normal(key)
      const other = taken.get(name)
      if (other) throw new Error(`The key ${keyLabel(key)} means both ${other} and "${label}" (${scope}).`)
      taken.set(name, `"${label}" (${scope})`)
    }
}

export class KeyRegistry {
  private layers: readonly PlacedLayer[] = []
  private listeners = new Set<() => void>()
  private strict: boolean

  /** A strict registry throws when two active bindings claim one key; otherwise the later one wins. */
  constructor({ strict }: { strict: boolean }) {
    this.strict = strict
  }

  /** Adds a layer on top; the returned function takes it away. */
  add(layer: KeyLayer): () => void {
    const added = { ...layer, place: layer.place ?? this.nextPlace() }
    const next = [...this.layers, added].toSorted((a, b) => a.place - b.place)
    if (this.strict) refuseConflicts(heardOf(next))
    this.set(next)
    return () => this.set(this.layers.filter((each) => each !== added))
  }

  nextPlace = (): number => ++this.places
  private places = 0

  /** Layers that hear keys now, oldest first. The same array until something changes. */
  active = (): readonly KeyLayer[] => this.heard
  private heard: readonly KeyLayer[] = []

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** The binding for a stroke; of several the one added last. */
  find(stroke: Stroke): KeyBinding | undefined {
    const names = strokeNames(stroke)
    for (const layer of this.heard.toReversed()) {
      const found = layer.bindings.find((binding) => names.includes(normal(binding.key)))
      if (found) return found
    }
    return undefined
  }

  private set(layers: readonly PlacedLayer[]): void {
    this.layers = layers
    this.heard = heardOf(layers)
    for (const listener of this.listeners) listener()
  }
}

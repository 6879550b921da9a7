/** A click must not move the focus to what was clicked, or Enter would press it again instead of sending the answer. */

/** A ref for what surrounds buttons and chips: `<div ref={keepFocus}>`. */
export function keepFocus(element: HTMLElement | null): () => void {
  const keep = (event: MouseEvent) => {
    if ((event.target as Element).closest('button, label')) event.preventDefault()
  }
  element?.addEventListener('mousedown', keep)
  return () => element?.removeEventListener('mousedown', keep)
}

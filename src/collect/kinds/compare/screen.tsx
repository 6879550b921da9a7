export function Editor() {
  return null
}
export function Reading() {
  return null
}

/** Signing in: password, the code of a second factor, or the organisation's identity provider. */
export function Screen() {
  return null
}

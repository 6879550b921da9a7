export interface Jobs {
  placeholder?: never
}

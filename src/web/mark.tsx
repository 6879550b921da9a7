/** The mark of Plumbline: a plumb bob on its line. */
export const Mark = ({ size = 22 }: { size?: number }) => (
  <svg viewBox="0 0 32 32" width={size} height={size} aria-hidden="true">
    <path d="M5 4h22M16 4v13" stroke="currentColor" strokeWidth="2.5" strokeLinecap="round" />
    <path d="M11 17h10l-5 12z" fill="currentColor" />
  </svg>
)

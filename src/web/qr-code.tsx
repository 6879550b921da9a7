/** A QR code, drawn as one path: dark on light in both themes, for a camera reads no other. */
import { encode } from 'uqr'

/** Light modules around it, without which cameras do not find it. */
const margin = 2

export function QrCode({ text, label }: { text: string; label: string }) {
  const { data, size } = encode(text, { border: margin })
  const path = data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : []))).join('')
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${size} ${size}`}
      width="180"
      height="180"
      shapeRendering="crispEdges"
    >
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  )
}

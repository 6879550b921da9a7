/** IP and MAC addresses of machines that belong to someone: not loopback, private or unspecified ones. */
import { isIPv4, isIPv6 } from 'node:net'
import type { Checker } from './finding.ts'
import { follows, scan } from './scan.ts'

const v4 = /(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w]|\.\d)/g
const v6 = /(?<![\w:.])[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?![\w:])/gi
const mac = /(?<![\w:-])[0-9a-f]{2}(?:([:-])[0-9a-f]{2})(?:\1[0-9a-f]{2}){4}(?![\w:-])/gi

/** Four numbers are a version or a section as often as an address. */
const versionWords =
  /(?:\bv|\bversions?|\bver\.?|\brelease|\bbuild|\bsection|\bsec\.|§|\bchapter|\bclause|\bfirmware)\s*$/i

function isPersonal(address: string): boolean {
  const [a, b] = address.split('.').map(Number) as [number, number]
  const isLocal =
    a === 0 ||
    a === 10 ||
    a === 127 ||
    (a === 192 && b === 168) ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 169 && b === 254)
  // From 224 on: multicast, reserved, broadcast; masks begin there too.
  return !isLocal && a < 224
}

export const ip: Checker = {
  name: 'ip',
  title: 'IP and MAC addresses',
  check: (text) =>
    [
      ...scan(text, v4, (match, at) =>
        isIPv4(match) && isPersonal(match) && !follows(text, at, versionWords) ? { kind: 'ip' } : undefined,
      ),
      ...scan(text, v6, (match) => {
        const isOwn = !/^[0:]*1?$/.test(match) && !/^f[cdef]/i.test(match)
        return isIPv6(match) && isOwn && /\d/.test(match) ? { kind: 'ip', note: 'version 6' } : undefined
      }),
      ...scan(text, mac, (match) => (/^(?:(?:00|ff)[:-]?)+$/i.test(match) ? undefined : { kind: 'mac' })),
    ].sort((a, b) => a.start - b.start),
}

/** Which network addresses a URL that a user entered may lead to. */
import ipaddr from 'ipaddr.js'

/** An address that was parsed; IPv4 in IPv6 clothes (mapped, or behind a NAT64) counts as the IPv4 address that it reaches. */
function reached(address: string): ipaddr.IPv4 | ipaddr.IPv6 {
  const parsed = ipaddr.process(address)
  if (parsed.kind() === 'ipv6' && parsed.range() === 'rfc6052')
    return ipaddr.fromByteArray(parsed.toByteArray().slice(12)) as ipaddr.IPv4
  return parsed
}

/**
 * Whether an address belongs to the public internet: not to this machine, a private or local network, a provider's
 * metadata service, a tunnel, a broadcast or a reserved range.
 */
export const isPublic = (address: string): boolean => ipaddr.isValid(address) && reached(address).range() === 'unicast'

/** Decides on a host and the address that it leads to. */
export type Permits = (host: string, address: string) => boolean

/**
 * What the operator allows besides the public internet: `all`, or a list of hosts, addresses and ranges
 * (`llm.internal, 10.2.0.0/16, 127.0.0.1`), divided by commas.
 */
export function permits(allowPrivate: string): Permits {
  const entries = allowPrivate
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .filter(Boolean)
  const hosts = new Set(entries.filter((entry) => !ipaddr.isValidCIDR(entry)))
  const ranges = entries.filter((entry) => ipaddr.isValidCIDR(entry)).map((entry) => ipaddr.parseCIDR(entry))
  const inRange = (address: string): boolean => {
    const parsed = reached(address)
    return ranges.some(([base, bits]) => base.kind() === parsed.kind() && parsed.match(base, bits))
  }
  return (host, address) =>
    isPublic(address) ||
    hosts.has('all') ||
    hosts.has(host.toLowerCase()) ||
    (ipaddr.isValid(address) && (hosts.has(reached(address).toString()) || inRange(address)))
}

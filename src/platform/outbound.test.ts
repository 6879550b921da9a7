import type { lookup } from 'node:dns'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterEach, expect, it } from 'vitest'
import { isPublic, permits } from './addresses.ts'
import { type Guard, guardedFetch } from './outbound.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

interface Seen {
  url: string
  method: string
  headers: Record<string, string | string[] | undefined>
}

/** A real server on an address of this machine; remembers what it was asked. */
async function serve(answer: RequestListener, host = '127.0.0.1') {
  const seen: Seen[] = []
  const server = createServer((request, response) => {
    seen.push({ url: request.url!, method: request.method!, headers: request.headers })
    answer(request, response)
  })
  await new Promise<void>((done) => server.listen(0, host, done))
  servers.push(server)
  const { port } = server.address() as AddressInfo
  return { port, seen, url: `http://${host}:${port}` }
}
const hello: RequestListener = (_, response) => void response.end('hello')

/** Answers each question with the next list of addresses. */
function resolving(...answers: string[][]): typeof lookup {
  const answer = (_host: string, _options: object, callback: (error: null, addresses: object[]) => void) =>
    callback(
      null,
      (answers.length > 1 ? answers.shift()! : answers[0]!).map((address) => ({ address, family: 4 })),
    )
  return answer as unknown as typeof lookup
}

it('reaches nothing on this machine, however the address is written', async () => {
  const { port, seen } = await serve(hello)
  const hosts = [
    '127.0.0.1',
    'localhost',
    '127.1',
    '2130706433',
    '0x7f000001',
    '0177.0.0.1',
    '127.0.0.1.',
    '0.0.0.0',
    '[::1]',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[64:ff9b::7f00:1]',
    '[2002:7f00:1::]',
  ]
  for (const host of hosts)
    await expect(guardedFetch(`http://${host}:${port}/`, {}, { allowPrivate: '' }), host).rejects.toMatchObject({
      code: 'forbidden',
    })
  expect(seen).toEqual([])
})

it('reaches no private network, no metadata service, and what is no address of the web', async () => {
  for (const host of [
    '10.0.0.1',
    '172.16.5.4',
    '192.168.1.1',
    '169.254.169.254',
    '100.100.100.200',
    '[fd00:ec2::254]',
    '[fe80::1]',
    '224.0.0.1',
    '255.255.255.255',
  ])
    await expect(
      guardedFetch(`http://${host}/latest/meta-data/`, {}, { allowPrivate: '' }),
      host,
    ).rejects.toMatchObject({ code: 'forbidden', where: expect.any(String) })
  for (const url of [
    'file:///etc/passwd',
    'ftp://example.org',
    'gopher://127.0.0.1',
    'javascript:alert(1)',
    'example.org',
    '',
    'http://user:secret@example.org',
  ])
    await expect(guardedFetch(url, {}, { allowPrivate: 'all' }), url).rejects.toMatchObject({
      code: 'bad_input',
      where: 'url',
    })
})

it('tells addresses of the public internet from all others', () => {
  for (const address of ['8.8.8.8', '1.1.1.1', '2606:4700::1111', '::ffff:8.8.8.8', '64:ff9b::808:808', '172.32.0.1'])
    expect(isPublic(address), address).toBe(true)
  fc.assert(
    fc.property(
      fc.tuple(
        fc.constantFrom('10.0', '127.0', '169.254', '192.168', '172.16', '100.64', '0.0', '198.18'),
        fc.nat(255),
        fc.nat(255),
      ),
      ([net, a, b]) => {
        const address = `${net}.${a}.${b}`
        expect(isPublic(address)).toBe(false)
        expect(isPublic(`::ffff:${address}`)).toBe(false)
        expect(isPublic(`64:ff9b::${address}`)).toBe(false)
      },
    ),
  )
})

it('reaches what the operator allows: a host, an address, a range, and nothing besides', async () => {
  const { url } = await serve(hello)
  for (const allowPrivate of ['127.0.0.1', '127.0.0.0/8', ' 10.0.0.1 , 127.0.0.1', 'all'])
    expect(await (await guardedFetch(url, {}, { allowPrivate })).text()).toBe('hello')
  for (const allowPrivate of ['127.0.0.2', '10.0.0.0/8', 'localhost', 'fe80::/10'])
    await expect(guardedFetch(url, {}, { allowPrivate })).rejects.toMatchObject({ code: 'forbidden' })
  expect(permits('llm.internal')('LLM.internal', '10.1.1.1')).toBe(true)
  expect(permits('llm.internal')('other.internal', '10.1.1.1')).toBe(false)
})

it('connects to the address that it has checked: a name that changes its mind gains nothing', async () => {
  const { port, seen } = await serve(hello)
  const guard: Guard = { allowPrivate: '', timeoutMs: 500 }
  const url = `http://rebind.example:${port}/`
  await expect(guardedFetch(url, {}, { ...guard, lookup: resolving(['127.0.0.1']) })).rejects.toMatchObject({
    code: 'forbidden',
  })
  await expect(
    guardedFetch(url, {}, { ...guard, lookup: resolving(['203.0.113.1', '127.0.0.1']) }),
  ).rejects.toMatchObject({ code: 'forbidden' })
  // Public at the first question, this machine at the second: whatever comes of it, nothing arrives here.
  const changing = resolving(['93.184.216.34'], ['127.0.0.1'])
  for (let i = 0; i < 3; i++)
    await expect(guardedFetch(url, {}, { ...guard, lookup: changing })).rejects.toMatchObject({
      code: /forbidden|unavailable/,
    })
  expect(seen).toEqual([])
})

it('checks every redirect again, and gives up after five', async () => {
  const inner = await serve(hello, '127.0.0.2')
  const outer = await serve((request, response) => {
    const target = request.url === '/loop' ? '/loop' : `${inner.url}/secret`
    response.writeHead(302, { location: target }).end()
  })
  const allowPrivate = '127.0.0.1'
  await expect(guardedFetch(outer.url, {}, { allowPrivate })).rejects.toMatchObject({ code: 'forbidden' })
  expect(inner.seen).toEqual([])
  await expect(guardedFetch(`${outer.url}/loop`, {}, { allowPrivate })).rejects.toMatchObject({ code: 'unavailable' })
  expect(outer.seen.length).toBeLessThanOrEqual(8)
})

it('keeps secrets from another origin, and posts again only where the redirect says so', async () => {
  const other = await serve(hello, '127.0.0.2')
  const first = await serve((request, response) => {
    const status = Number(request.url!.slice(1))
    response.writeHead(status, { location: `${other.url}/x` }).end()
  })
  const post = (status: number) =>
    guardedFetch(
      `${first.url}/${status}`,
      {
        method: 'POST',
        body: '{"a":1}',
        headers: { Authorization: 'Bearer sk-1', 'Content-Type': 'application/json' },
      },
      { allowPrivate: 'all' },
    )
  await post(307)
  await post(303)
  expect(first.seen[0]!.headers.authorization).toBe('Bearer sk-1')
  expect(other.seen.map(({ method, headers }) => [method, headers.authorization, headers['content-type']])).toEqual([
    ['POST', undefined, 'application/json'],
    ['GET', undefined, undefined],
  ])
})

it('stops reading an answer that is too large, also one that is small only while it is compressed', async () => {
  const bomb = gzipSync(Buffer.alloc(8 * 1024 * 1024))
  const { url } = await serve((request, response) => {
    if (request.url === '/bomb') response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb)
    else response.end(Buffer.alloc(3 * 1024 * 1024))
  })
  const guard: Guard = { allowPrivate: 'all', maxBytes: 1024 * 1024 }
  for (const path of ['/', '/bomb']) {
    const response = await guardedFetch(`${url}${path}`, {}, guard)
    await expect(response.text()).rejects.toMatchObject({ code: 'too_large' })
  }
})

it('does not wait for ever: not for the answer, and not for its end', async () => {
  const { url } = await serve((request, response) => {
    if (request.url === '/half') response.write('half')
  })
  const guard: Guard = { allowPrivate: 'all', timeoutMs: 150 }
  await expect(guardedFetch(url, {}, guard)).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('0.15 seconds'),
  })
  const half = await guardedFetch(`${url}/half`, {}, guard)
  await expect(half.text()).rejects.toMatchObject({ code: 'unavailable' })
})

it('gives whoever aborts the call their own reason back', async () => {
  const { url } = await serve(() => {})
  const controller = new AbortController()
  const asking = guardedFetch(url, { signal: controller.signal }, { allowPrivate: 'all' })
  controller.abort(new Error('cancelled by me'))
  await expect(asking).rejects.toThrow('cancelled by me')
})

it('says that a server cannot be reached', async () => {
  const { url, port } = await serve(hello)
  servers[0]!.close()
  servers[0]!.closeAllConnections()
  await expect(guardedFetch(url, {}, { allowPrivate: 'all' })).rejects.toMatchObject({
    code: 'unavailable',
    where: `127.0.0.1:${port}`,
    message: expect.stringContaining('ECONNREFUSED'),
  })
})

it('passes an answer on whole', async () => {
  const { url } = await serve(
    (_, response) =>
      void response.writeHead(418, { 'x-tea': 'pot', 'content-encoding': 'gzip' }).end(gzipSync('{"a":"ü"}')),
  )
  const response = await guardedFetch(url, {}, { allowPrivate: 'all' })
  expect(response.status).toBe(418)
  expect(response.ok).toBe(false)
  expect(response.headers.get('x-tea')).toBe('pot')
  expect(await response.json()).toEqual({ a: 'ü' })
})

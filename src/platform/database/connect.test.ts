import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestDatabase, testDatabase } from '../../../test/database.ts'
import { openDatabase } from './connect.ts'

let server: TestDatabase
beforeAll(async () => {
  server = await testDatabase({ max: 2 })
})
afterAll(() => server.close())

const open = (url: string) => openDatabase({ dataDir: '', url, role: 'serve' })

describe('DATABASE_URL', () => {
  it('opens the server it names, several times over, without an embedded one', async () => {
    const [one, two] = await Promise.all([open(server.url), open(server.url)])
    expect(one.embedded).toBe(false)
    expect((await two.pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
    await Promise.all([one.close(), two.close(), two.close()])
  })

  it('goes on after its connections were cut, idle and working alike', async () => {
    const { pool, close } = await open(server.url)
    const client = await pool.connect()
    await pool.query('SELECT 1')
    const cut = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                 WHERE datname = current_database() AND application_name = 'plumbline serve' AND pid <> pg_backend_pid()`
    await server.pool.query(cut)
    await expect(client.query('SELECT 1')).rejects.toThrow()
    client.release(true)
    // Only a connection that had not noticed yet may fail, and only once.
    await pool.query('SELECT 1').catch(() => {})
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
    await close()
  })

  it('says where nobody answers, without the password', async () => {
    const failure = open('postgresql://plumbline:secret@127.0.0.1:1/plumbline')
    await expect(failure).rejects.toMatchObject({
      code: 'unavailable',
      where: '127.0.0.1:1/plumbline',
      hint: expect.stringContaining('DATABASE_URL'),
    })
    await expect(failure).rejects.not.toMatchObject({ message: expect.stringContaining('secret') })
  })

  it('says that a database is missing, that something else answers, and that an address is none', async () => {
    const missing = server.url.replace(/\/plumbline_test_\w+/, '/plumbline_missing')
    await expect(open(missing)).rejects.toMatchObject({
      code: 'unavailable',
      hint: expect.stringContaining('CREATE DATABASE'),
    })
    const web = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(0, '127.0.0.1')
    await new Promise((done) => web.once('listening', done))
    const { port } = web.address() as { port: number }
    await expect(open(`postgresql://a@127.0.0.1:${port}/b`)).rejects.toMatchObject({ code: 'unavailable' })
    web.close()
    await expect(open('postgresql://[broken')).rejects.toMatchObject({ code: 'bad_input', where: 'DATABASE_URL' })
  })

  it('refuses a database that is not encoded in UTF-8', async () => {
    const name = `${new URL(server.url.replace('@/', '@h/')).pathname.slice(1)}_latin`
    await server.pool.query(
      `CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C' LOCALE_PROVIDER libc`,
    )
    const latin = server.url.replace(/\/plumbline_test_\w+/, `/${name}`)
    await expect(open(latin)).rejects.toMatchObject({ code: 'unavailable', hint: expect.stringContaining('UTF8') })
    await server.pool.query(`DROP DATABASE ${name}`)
  })
})

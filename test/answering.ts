/** A real endpoint of the chat completions protocol on this machine, for tests in which policies answer. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Asked {
  model: string
  messages: { role: string; content: string }[]
  seed: number
}

interface AnsweringServer {
  url: string
  close(): void
}

/** `answer`: the text, or the status that refuses. The outbound guard lets this machine through while it runs. */
export async function answeringServer(answer: (asked: Asked) => string | number): Promise<AnsweringServer> {
  process.env.PLUMBLINE_ALLOW_PRIVATE = '127.0.0.1'
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    const said = answer(JSON.parse(text) as Asked)
    const body = typeof said === 'string' ? { choices: [{ message: { content: said } }] } : {}
    response
      .writeHead(typeof said === 'string' ? 200 : said, { 'content-type': 'application/json' })
      .end(JSON.stringify(body))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    close() {
      server.close()
      server.closeAllConnections()
      delete process.env.PLUMBLINE_ALLOW_PRIVATE
    },
  }
}

import { createServer, request as sendRequest, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** A reverse proxy before the real server. It can behave like a server that has been updated. */
export class ReverseProxy {
  /** All requests, such as `POST /predictImage`. */
  readonly requests: string[] = []
  /** Changes to text files, by path. */
  readonly changed: Record<string, (text: string) => string> = {}
  /** Paths that are answered with 404. */
  gone: RegExp | null = null
  url = ''
  private server: Server | undefined
  private readonly target: string

  constructor(target: string) {
    this.target = target
  }

  async open(): Promise<void> {
    const server = (this.server = createServer((request, response) => this.forward(request, response)))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    this.server?.closeAllConnections()
    await new Promise((resolve) => this.server?.close(resolve))
  }

  private forward(incoming: IncomingMessage, outgoing: ServerResponse) {
    const { method, url: path = '/' } = incoming
    this.requests.push(`${method} ${path}`)
    if (this.gone?.test(path)) return void outgoing.writeHead(404).end()
    const change = this.changed[path]
    const headers = change ? { host: incoming.headers.host } : incoming.headers // so that the answer is neither compressed nor 304
    const forwarded = sendRequest(new URL(path, this.target), { method, headers }, (answer) => {
      if (change) return void replace(answer, outgoing, change)
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    forwarded.on('error', () => outgoing.destroy())
    incoming.pipe(forwarded)
  }
}

async function replace(answer: IncomingMessage, outgoing: ServerResponse, change: (text: string) => string) {
  const { 'content-type': type, 'cache-control': freshness } = answer.headers
  const body = change(await text(answer))
  outgoing.writeHead(answer.statusCode ?? 502, { 'content-type': type, 'cache-control': freshness }).end(body)
}

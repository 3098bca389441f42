import { createServer, request as ask, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** Stands in front of the real server, passes everything on, and can be told to behave like one that was updated. */
export class Front {
  /** What was asked for, such as `POST /predictImage`. */
  readonly asked: string[] = []
  /** Other versions of text files, by their addresses. */
  readonly changed: Record<string, (text: string) => string> = {}
  /** Addresses that lead nowhere any more. */
  gone: RegExp | null = null
  url = ''
  private server: Server | undefined
  private readonly behind: string

  constructor(behind: string) {
    this.behind = behind
  }

  async open(): Promise<void> {
    const server = (this.server = createServer((request, response) => this.pass(request, response)))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    this.server?.closeAllConnections()
    await new Promise((resolve) => this.server?.close(resolve))
  }

  private pass(incoming: IncomingMessage, outgoing: ServerResponse) {
    const { method, url: path = '/' } = incoming
    this.asked.push(`${method} ${path}`)
    if (this.gone?.test(path)) return void outgoing.writeHead(404).end()
    const change = this.changed[path]
    const headers = change ? { host: incoming.headers.host } : incoming.headers // neither compressed nor 304
    const passedOn = ask(new URL(path, this.behind), { method, headers }, (answer) => {
      if (change) return void replace(answer, outgoing, change)
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    passedOn.on('error', () => outgoing.destroy())
    incoming.pipe(passedOn)
  }
}

async function replace(answer: IncomingMessage, outgoing: ServerResponse, change: (text: string) => string) {
  const { 'content-type': type, 'cache-control': freshness } = answer.headers
  const body = change(await text(answer))
  outgoing.writeHead(answer.statusCode ?? 502, { 'content-type': type, 'cache-control': freshness }).end(body)
}

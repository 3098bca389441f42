import { createServer, request as ask, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Stands in front of the real server, passes everything on, and can be told to behave like one that was updated. */
export class Front {
  /** Addresses that were asked for, such as `POST /predictImage`. */
  readonly asked: string[] = []
  /** What is added to a file, by its address: another version of it. */
  readonly additions: Record<string, string> = {}
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
    const path = incoming.url ?? '/'
    this.asked.push(`${incoming.method} ${path}`)
    if (this.gone?.test(path)) return void outgoing.writeHead(404).end()
    const addition = this.additions[path]
    const { 'accept-encoding': encodings, 'if-none-match': _, 'if-modified-since': __, ...others } = incoming.headers
    const headers = addition ? others : incoming.headers
    const passedOn = ask(new URL(path, this.behind), { method: incoming.method, headers }, (answer) => {
      const { 'content-length': length, ...rest } = answer.headers
      outgoing.writeHead(answer.statusCode ?? 502, addition ? rest : answer.headers)
      answer.pipe(outgoing, { end: !addition })
      if (addition) answer.on('end', () => outgoing.end(addition))
    })
    passedOn.on('error', () => outgoing.destroy())
    incoming.pipe(passedOn)
  }
}

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { components } from '../api/schema'

type Prediction = components['schemas']['Prediction']
type Answer = (response: ServerResponse, body: string) => void

export const BREEDS = [
  'Golden Retriever',
  'Labrador Retriever',
  'Kuvasz',
  'Samoyed',
  'Great Pyrenees',
  'Beagle',
  'Wire-haired Fox Terrier',
]
const PROBABILITIES = [0.93, 0.03, 0.02, 0.01, 0.006, 0.0035, 0.0005]

function labelOf(name: string): string {
  return name.toLowerCase().replaceAll(' ', '_')
}

export function predictionOf(changes: Partial<Prediction> = {}): Prediction {
  const probabilities = BREEDS.map((name, index) => ({
    breed: labelOf(name),
    name,
    probability: PROBABILITIES[index] ?? 0,
  }))
  return {
    id: '8f7ef8c4-0000-4000-8000-000000000000',
    prediction: 49,
    breed: 'golden_retriever',
    name: 'Golden Retriever',
    probability: 0.93,
    probabilities,
    verdict: null,
    shortlist: null,
    look_alikes: null,
    explanation: null,
    model: { name: 'tiny', version: '1.0' },
    elapsed_ms: 12.4,
    stored: true,
    ...changes,
  }
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
) {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body))
}

/** A real HTTP server, on a port of its own, that the page under test asks. */
export class TestServer {
  /** What `POST /predictImage` answers; a test may replace it. */
  answer: Answer = (response) => sendJson(response, 200, predictionOf())
  model: Answer = (response) =>
    sendJson(response, 200, {
      name: 'tiny',
      version: '1.0',
      input_size: [3, 224, 224],
      breeds: BREEDS.map((name) => ({ breed: labelOf(name), name, group: '', aliases: [] })),
      metrics: {
        'independent-photos': {
          description: 'whole photos of other photographers',
          photos: 1050,
          breeds: 21,
          top1: 0.834,
          top1_interval: [0.81, 0.855],
          top5: 0.962,
          top5_interval: [0.95, 0.97],
          log_loss: 0.6,
        },
      },
      trust: { shortlist_coverage: 0.95, precision: 0.95, dogs_kept: 0.95, explains: true, photos: 500 },
      report: '/api/model/report',
      card: '# tiny\n\n## Limits\n\nIt is made up.',
    })
  /** What other addresses answer to GET, by path. */
  gets: Record<string, unknown> = {
    '/predictImage': { detail: '', accepts: [], max_bytes: 20 * 2 ** 20, max_pixels: 8e7, keeps_photos: true },
    '/api/stats': { predictions: 0, breeds: [], confidence: [] },
  }
  uploads: string[] = []
  /** What was posted elsewhere than to `/predictImage`, by path. */
  posts: Record<string, string[]> = {}
  /** Answers to these, by path; 201 and an empty object where there is none. */
  postAnswers: Record<string, Answer> = {}
  mostAtOnce = 0
  private atOnce = 0
  aborted = 0
  private server: Server = createServer((request, response) => this.handle(request, response))

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`
  }

  stop() {
    this.server.closeAllConnections()
    this.server.close()
  }

  private handle(request: IncomingMessage, response: ServerResponse) {
    // jsdom keeps the origin that it was started with, so to it this server is another one.
    response.setHeader('Access-Control-Allow-Origin', '*')
    response.setHeader('Access-Control-Expose-Headers', 'Retry-After')
    response.setHeader('Access-Control-Allow-Headers', 'Content-Type')
    if (request.method === 'OPTIONS') return response.writeHead(204).end()
    const path = new URL(request.url ?? '/', 'http://localhost').pathname
    if (request.method === 'GET') return this.get(path, response)
    const chunks: Buffer[] = []
    response.on('close', () => (this.aborted += response.writableEnded ? 0 : 1))
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('latin1')
      if (path === '/predictImage') return this.predict(response, body)
      ;(this.posts[path] ??= []).push(body)
      const answer = this.postAnswers[path] ?? ((response: ServerResponse) => sendJson(response, 201, {}))
      answer(response, body)
    })
  }

  private predict(response: ServerResponse, body: string) {
    this.uploads.push(body)
    this.mostAtOnce = Math.max(this.mostAtOnce, (this.atOnce += 1))
    response.on('close', () => (this.atOnce -= 1))
    this.answer(response, body)
  }

  private get(path: string, response: ServerResponse) {
    if (path === '/api/model') return this.model(response, '')
    if (path in this.gets) return sendJson(response, 200, this.gets[path])
    sendJson(response, 404, { code: 'not_found', detail: 'There is nothing here.' })
  }
}

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

export function predictionOf(changes: Partial<Prediction> = {}): Prediction {
  const probabilities = BREEDS.map((name, index) => ({
    breed: name.toLowerCase().replaceAll(' ', '_'),
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

export function sendJson(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}) {
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
      breeds: BREEDS.map((name) => ({ breed: name, name })),
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
    })
  uploads: string[] = []
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
    if (request.method === 'OPTIONS') return response.writeHead(204).end()
    if (request.method === 'GET') return this.model(response, '')
    const chunks: Buffer[] = []
    response.on('close', () => (this.aborted += response.writableEnded ? 0 : 1))
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('latin1')
      this.uploads.push(body)
      this.answer(response, body)
    })
  }
}

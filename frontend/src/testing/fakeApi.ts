import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { CatalogueBreed, Dog, DogPhoto, Prediction, UploadRules, Verdict } from '../api/types'

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
const NOTHING_MORE = { group: '', aliases: [], vbo: null, fci: null, wikidata: null, photos: null, taught_from: null }
const PROBABILITIES = [0.93, 0.03, 0.02, 0.01, 0.006, 0.0035, 0.0005]

function labelOf(name: string): string {
  return name.toLowerCase().replaceAll(' ', '_')
}

export const UPLOAD_RULES: UploadRules = {
  detail: '',
  accepts: ['image/jpeg', 'image/png', 'image/webp', 'image/gif', 'image/avif', 'image/heic', 'image/heif'],
  formats: [
    { name: 'JPEG', media_types: ['image/jpeg'], extensions: ['.jpg', '.jpeg'] },
    { name: 'PNG', media_types: ['image/png'], extensions: ['.png'] },
    { name: 'WebP', media_types: ['image/webp'], extensions: ['.webp'] },
    { name: 'GIF', media_types: ['image/gif'], extensions: ['.gif'] },
    { name: 'AVIF', media_types: ['image/avif'], extensions: ['.avif'] },
    { name: 'HEIC', media_types: ['image/heic', 'image/heif'], extensions: ['.heic', '.heif'] },
  ],
  max_bytes: 20 * 2 ** 20,
  max_pixels: 8e7,
  keeps_photos: true,
}

export function verdictOf(changes: Partial<Verdict>): Verdict {
  return {
    kind: 'breed',
    level: 'breed',
    promised: null,
    measured: null,
    taught: [],
    text: '',
    probability: null,
    group: null,
    breeds: [],
    familiar: true,
    dog_score: null,
    familiarity_score: null,
    ...changes,
  }
}

const DIGEST = 'a'.repeat(64)

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
    model: { name: 'tiny', version: '1.0', digest: DIGEST },
    elapsed_ms: 12.4,
    advice: null,
    stored: true,
    secret: 'the secret of the answer',
    ...changes,
  }
}

/** What photos of one dog say together. Each row is for the photo at its position. */
export function dogOf(rows: Partial<DogPhoto>[], changes: Partial<Dog> = {}): Dog {
  const { id: _, elapsed_ms, stored, secret, preview, advice, ...conclusion } = predictionOf({ probability: 0.97 })
  const photos = rows.map((row, photo) => ({
    photo,
    weight: 1,
    duplicate_of: null,
    agrees: true,
    probability: 0.93,
    without: 0.9,
    ...row,
  }))
  return { ...conclusion, photos, ...changes }
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
) {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body))
}

/** A fake of the API: a real HTTP server on its own port. The page under test sends its requests to it. */
export class FakeApi {
  /** Answers `POST /predictImage`. Tests may replace it. */
  answer: Answer = (response) => sendJson(response, 200, predictionOf())
  /** What `/api/model` says about breeds, by name. */
  breeds: Record<string, Partial<CatalogueBreed>> = {}
  model: Answer = (response) =>
    sendJson(response, 200, {
      name: 'tiny',
      version: '1.0',
      digest: DIGEST,
      input_size: [3, 224, 224],
      breeds: BREEDS.map((name) => ({ ...NOTHING_MORE, ...this.breeds[name], breed: labelOf(name), name })),
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
      trust: {
        shortlist_coverage: 0.95,
        precision: 0.95,
        verdicts: [
          { kind: 'breed', promised: 0.95, measured: { right: 312, photos: 320 } },
          { kind: 'one_of', promised: 0.95, measured: null },
        ],
        dogs_kept: 0.95,
        explains: true,
        photos: 500,
      },
      report: '/api/model/report',
      network: { address: '/api/model/network/0123', bytes: 11_500_000 },
      card: '# tiny\n\n## Limits\n\nIt is made up.',
    })
  /** Answers to GET requests for other paths. */
  gets: Record<string, unknown> = {
    '/predictImage': UPLOAD_RULES,
    '/api/stats': { predictions: 0, breeds: [], confidence: [] },
  }
  uploads: string[] = []
  /** Bodies of POST requests to other paths than `/predictImage`, by path. */
  posts: Record<string, string[]> = {}
  /** Answers to those requests, by path. The default is 201 with an empty object. */
  postAnswers: Record<string, Answer> = {}
  /** Secrets sent with requests other than `POST /predictImage`, by method and path. */
  secrets: Record<string, string | undefined> = {}
  /** Answers DELETE requests. */
  deletion: Answer = (response) => response.writeHead(204).end()
  maxConcurrent = 0
  private concurrent = 0
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
    // jsdom keeps its first origin, so requests to this server are cross-origin.
    response.setHeader('Access-Control-Allow-Origin', '*')
    response.setHeader('Access-Control-Expose-Headers', 'Retry-After')
    response.setHeader('Access-Control-Allow-Headers', 'Content-Type, X-Prediction-Secret')
    response.setHeader('Access-Control-Allow-Methods', 'GET, POST, DELETE')
    if (request.method === 'OPTIONS') return response.writeHead(204).end()
    const path = new URL(request.url ?? '/', 'http://localhost').pathname
    if (request.method === 'GET') return this.get(path, response)
    this.secrets[`${request.method} ${path}`] = request.headers['x-prediction-secret'] as string | undefined
    if (request.method === 'DELETE') return this.deletion(response, '')
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
    this.maxConcurrent = Math.max(this.maxConcurrent, (this.concurrent += 1))
    response.on('close', () => (this.concurrent -= 1))
    this.answer(response, body)
  }

  private get(path: string, response: ServerResponse) {
    if (path === '/api/model') return this.model(response, '')
    if (path in this.gets) return sendJson(response, 200, this.gets[path])
    sendJson(response, 404, { code: 'not_found', detail: 'There is nothing here.' })
  }
}

import { readdirSync, readFileSync } from 'node:fs'
import { get } from 'node:http'
import { join } from 'node:path'
import { expect, test, type Page } from '@playwright/test'
import { choose, predict, type Prediction } from './actions'
import { TestServer } from './server'

// Compares the answers of private mode with those of the server in float32, and measures what private mode costs:
// `DOG_PHOTOS=folder npm run benchmark -- private-benchmark`. PHOTOS=100 takes so many of them, evenly.
const folder = process.env.DOG_PHOTOS
const BATCH = 50 // the page takes so many at once
const TIMED = 40

interface Photo {
  name: string
  buffer: Buffer
}

type Given = Prediction & { breed: string; verdict: { kind: string } | null; elapsed_ms: number }

function somePhotos(from: string): string[] {
  const all = readdirSync(from, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(jpe?g|png|webp)$/i.test(name))
    .sort()
  const wanted = Number(process.env.PHOTOS ?? all.length)
  return all.filter(
    (_, index) => Math.floor((index * wanted) / all.length) < Math.floor(((index + 1) * wanted) / all.length),
  )
}

/** The answers in the history on the device, by the photo's name. They are then removed. */
function takeAnswers(page: Page): Promise<Record<string, Given>> {
  return page.evaluate(async () => {
    if (!(await indexedDB.databases()).some(({ name }) => name === 'dogbreed')) return {} // the page makes it
    const done = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result)
        request.onerror = () => reject(request.error)
      })
    const db = await done(indexedDB.open('dogbreed'))
    const entries = db.transaction('entries', 'readwrite').objectStore('entries')
    const all = await done(entries.getAll())
    await done(entries.clear())
    db.close()
    return Object.fromEntries(all.map(({ name, prediction }) => [name, prediction]))
  })
}

async function answerHere(page: Page, photos: Photo[]): Promise<Record<string, Given>> {
  await choose(page, ...photos)
  const answers: Record<string, Given> = {}
  await expect(async () => {
    Object.assign(answers, await takeAnswers(page))
    expect(Object.keys(answers)).toHaveLength(photos.length)
  }).toPass({ timeout: 120_000 })
  return answers
}

/** Bytes of an address on the wire, as a browser on HTTPS asks for it. */
function bytesSent(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    get(url, { headers: { 'Accept-Encoding': 'gzip, deflate, br' } }, (response) => {
      let bytes = 0
      response.on('data', (chunk: Buffer) => (bytes += chunk.length)).on('end', () => resolve(bytes))
    }).on('error', reject)
  })
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function median(values: number[]): number {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? NaN
}

/** The largest difference of a breed's probability. */
function difference(one: Given, other: Given): number {
  const theirs = new Map(other.probabilities.map(({ name, probability }) => [name, probability]))
  return Math.max(
    ...one.probabilities.map(({ name, probability }) => Math.abs(probability - (theirs.get(name) ?? NaN))),
  )
}

test('answers on the device beside those of the server', async ({ browser }) => {
  test.skip(!folder, 'DOG_PHOTOS names no folder.')
  test.setTimeout(3_600_000)
  const names = somePhotos(folder ?? '')
  const server = await TestServer.started({ DOGBREED_PRECISION: 'float32' })
  const page = await browser.newPage({ baseURL: server.url })
  try {
    const requested = new Set<string>()
    page.context().on('request', (request) => requested.add(request.url()))
    await page.goto('/')
    await expect(page.getByText(/^Answered by/)).toBeVisible()
    const start = Date.now()
    await page.getByRole('switch', { name: 'Private mode' }).check()
    await expect(page.getByText(/^Photos are answered on this device/)).toBeVisible({ timeout: 60_000 })
    console.log(`ready after ${Date.now() - start} ms`)
    const files = [...requested].filter((url) => /\/assets\/private\/|\/api\/model\/network\//.test(url))
    const sizes = await Promise.all(files.map(bytesSent))
    console.log(
      `downloaded ${(sizes.reduce((sum, size) => sum + size, 0) / 1e6).toFixed(2)} MB in ${files.length} files`,
    )

    const read = (some: string[]) => some.map((name) => ({ name, buffer: readFileSync(join(folder ?? '', name)) }))
    const times: number[] = []
    for (const photo of read(names.slice(0, TIMED))) {
      times.push(...Object.values(await answerHere(page, [photo])).map(({ elapsed_ms }) => elapsed_ms))
    }
    console.log(`a warm answer: median ${median(times).toFixed(0)} ms of ${times.length}, one at a time`)

    const pairs: [Given, Given][] = []
    for (let at = 0; at < names.length; at += BATCH) {
      const photos = read(names.slice(at, at + BATCH)).map((photo, index) => ({ ...photo, name: `${at + index}.jpg` }))
      const here = await answerHere(page, photos)
      for (const { name, buffer } of photos) pairs.push([here[name]!, (await predict(page.request, buffer)) as Given])
    }
    const share = (same: (one: Given, other: Given) => boolean) =>
      `${((100 * pairs.filter(([one, other]) => same(one, other)).length) / pairs.length).toFixed(2)} %`
    const differences = pairs.map(([one, other]) => difference(one, other))
    console.log(
      `${pairs.length} photos: same breed ${share((one, other) => one.breed === other.breed)}, same kind of verdict ` +
        `${share((one, other) => one.verdict?.kind === other.verdict?.kind)}; difference of a probability: largest ` +
        `${Math.max(...differences).toFixed(4)}, mean of each photo's largest ${mean(differences).toFixed(5)}`,
    )
  } finally {
    await page.close()
    await server.remove()
  }
})

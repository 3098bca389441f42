import { createHash } from 'node:crypto'
import AxeBuilder from '@axe-core/playwright'
import { expect, test as base, type Page } from '@playwright/test'
import { drawnJpeg } from './photos'
import { ReverseProxy } from './reverseProxy'

const test = base.extend<{ reverseProxy: ReverseProxy }>({
  reverseProxy: async ({ baseURL }, use) => {
    const reverseProxy = new ReverseProxy(baseURL ?? '')
    await reverseProxy.open()
    await use(reverseProxy)
    await reverseProxy.close()
  },
})

test.use({ serviceWorkers: 'allow', contextOptions: { reducedMotion: 'reduce' } })

/** The first visit. Afterwards the service worker has cached the page. */
async function visit(page: Page, reverseProxy: ReverseProxy) {
  await page.goto(reverseProxy.url)
  await page.waitForFunction(() => navigator.serviceWorker.controller?.state === 'activated')
}

async function choose(page: Page, name: string) {
  await page.getByLabel('Photo of a dog').setInputFiles({ name, mimeType: 'image/jpeg', buffer: drawnJpeg() })
}

/** The paths of all cached files. */
function cachedPaths(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const inCache = async (name: string) =>
      (await (await caches.open(name)).keys()).map(({ url }) => new URL(url).pathname)
    return (await Promise.all((await caches.keys()).map(inCache))).flat()
  })
}

test('after one visit every page opens offline, in both languages', async ({ page, context, reverseProxy }) => {
  await visit(page, reverseProxy)
  await context.setOffline(true)
  await reverseProxy.close()
  await page.reload()
  await expect(page.getByRole('heading', { name: 'Which breed is this dog?' })).toBeVisible()
  await page.goto(`${reverseProxy.url}/history`)
  await expect(page.getByText('Nothing yet. Your photos will appear here.')).toBeVisible()
  await page.goto(`${reverseProxy.url}/model`)
  await expect(page.getByRole('heading', { name: 'About the model' })).toBeVisible()
  await expect(page.getByRole('alert').first()).toContainText('You are offline.')
  await page.getByLabel('Language').selectOption('de')
  await expect(page.getByRole('heading', { name: 'Über das Modell' })).toBeVisible()
})

test('answers come from the server only', async ({ page, context, reverseProxy }) => {
  const photos = () => reverseProxy.requests.filter((request) => request.startsWith('POST /predictImage')).length
  await visit(page, reverseProxy)
  await choose(page, 'first.jpg')
  await expect(page.getByRole('heading', { level: 2 })).toBeVisible()
  expect(photos()).toBe(1)
  expect((await cachedPaths(page)).filter((path) => /api|predictImage/.test(path))).toEqual([])

  await context.setOffline(true)
  await choose(page, 'second.jpg') // the same bytes
  await expect(page.getByRole('alert')).toContainText('You are offline.')
  await expect(page.getByRole('heading', { level: 2 })).toHaveCount(0)
  await context.setOffline(false)
  await expect(page.getByRole('heading', { level: 2 })).toBeVisible()
  expect(photos()).toBe(2)
})

test('requests for other addresses go to the server', async ({ page, reverseProxy }) => {
  await visit(page, reverseProxy)
  await page.goto(`${reverseProxy.url}/api/predictImage`)
  await expect(page.getByRole('button', { name: 'POST', exact: true })).toBeVisible()
  expect((await page.goto(`${reverseProxy.url}/api/docs/`))?.fromServiceWorker()).toBe(false)
  expect((await page.goto(`${reverseProxy.url}/favicon.ico`))?.headers()['content-type']).toBe('image/x-icon')
})

test('Chromium can install the page as an app', async ({ page, context, reverseProxy }) => {
  await visit(page, reverseProxy)
  const browser = await context.newCDPSession(page)
  const { errors, data } = await browser.send('Page.getAppManifest')
  expect(errors).toEqual([])
  const { installabilityErrors } = await browser.send('Page.getInstallabilityErrors')
  expect(installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito')).toEqual([])

  const manifest = JSON.parse(data ?? '') as { icons: { src: string; sizes: string }[]; shortcuts: { url: string }[] }
  const touch = (await page.locator('link[rel=apple-touch-icon]').getAttribute('href')) ?? ''
  for (const { src, sizes } of [...manifest.icons, { src: touch, sizes: '180x180' }]) {
    const size = await page.evaluate(async (src) => {
      const image = Object.assign(new Image(), { src })
      await image.decode()
      return `${image.naturalWidth}x${image.naturalHeight}`
    }, src)
    if (sizes !== 'any') expect(size, src).toBe(sizes)
  }
  for (const { url } of manifest.shortcuts) {
    await page.goto(reverseProxy.url + url)
    await expect(page.locator('main').getByRole('heading', { level: 1 })).toBeVisible()
  }
})

test('photos that another app shares are identified at once', async ({ page, reverseProxy }) => {
  await visit(page, reverseProxy)
  await page.evaluate(() => {
    const form = Object.assign(document.createElement('form'), { method: 'POST', enctype: 'multipart/form-data' })
    form.action = '/share'
    form.innerHTML = '<input type="file" name="photos" multiple aria-label="Share"><button>Share them</button>'
    document.body.append(form)
  })
  const file = (name: string) => ({ name, mimeType: 'image/jpeg', buffer: drawnJpeg() })
  await page.getByLabel('Share', { exact: true }).setInputFiles([file('Käthe & Rex.jpg'), file('second.jpg')])
  await page.getByRole('button', { name: 'Share them' }).click()
  await expect(page.getByRole('img', { name: 'Your photo: Käthe & Rex.jpg' })).toBeVisible()
  await expect(page.getByRole('heading', { level: 2 })).toBeVisible()
  expect(page.url()).toBe(`${reverseProxy.url}/`)
  expect(reverseProxy.requests).not.toContain('POST /share')
  await page.reload()
  await expect(page.getByRole('button', { name: 'Choose a photo' })).toBeVisible()
  expect((await cachedPaths(page)).filter((path) => path.startsWith('/share'))).toEqual([])
})

test('without a service worker, a share opens the page with an error', async ({ page, request }) => {
  const photos = { name: 'dog.jpg', mimeType: 'image/jpeg', buffer: drawnJpeg() }
  const response = await request.post('/share', { multipart: { photos } })
  expect(response.status()).toBe(200)
  expect(await response.text()).toContain('id="root"')
  await page.goto(response.url())
  await expect(page.getByRole('alert')).toContainText('The photo did not arrive')
  await choose(page, 'dog.jpg')
  await expect(page.getByRole('heading', { level: 2 })).toBeVisible()
  await expect(page.getByText('The photo did not arrive')).toHaveCount(0)
})

test('a newer version is announced, and loaded on request', async ({ page, context, reverseProxy }) => {
  await visit(page, reverseProxy)
  const notice = page.getByText('A newer version of this page is available.')
  await expect(notice).toHaveCount(0)
  await choose(page, 'dog.jpg')
  await expect(page.getByRole('heading', { level: 2 })).toBeVisible()
  const other = await context.newPage()
  await other.goto(reverseProxy.url)
  await page.bringToFront()

  reverseProxy.changed['/sw.js'] = (script) => `${script}// newer version`
  await page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.update())
  await expect(notice).toBeVisible()
  await expect(page.getByRole('heading', { level: 2 })).toBeVisible() // the page has not been reloaded
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([])

  await expect(other.getByText('A newer version of this page is available.')).toBeVisible()
  await page.getByRole('button', { name: 'Reload' }).click()
  await expect(page.getByRole('heading', { level: 2 })).toHaveCount(0)
  await expect(page.getByRole('button', { name: 'Choose a photo' })).toBeVisible()
  await expect(notice).toHaveCount(0)
  expect(await page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.waiting)).toBeNull()
})

test('an open page keeps working when the server no longer has its files', async ({ page, reverseProxy }) => {
  await visit(page, reverseProxy)
  reverseProxy.gone = /^\/assets\//
  await page.getByRole('link', { name: 'About the model' }).click()
  await page.getByText('Model card', { exact: true }).click()
  await expect(page.getByRole('heading', { name: /^dogbreed-/ }).first()).toBeVisible()
  await page.reload()
  await expect(page.getByText(/assigns a photo to one of/)).toBeVisible()
})

test('files of two versions are never cached together', async ({ page, request, reverseProxy }) => {
  const hash = (text: string) => createHash('sha256').update(text).digest('base64')
  const index = await (await request.get('/')).text()
  const newerIndex = index.replace('<head>', '<head><!-- newer -->')
  /** Checks for an update, and returns the state of the new service worker. */
  const update = () =>
    page.evaluate(async () => {
      const registration = await navigator.serviceWorker.getRegistration()
      await registration?.update()
      const worker = registration?.installing
      await new Promise((resolve) => worker?.addEventListener('statechange', resolve))
      return worker?.state
    })
  await visit(page, reverseProxy)
  // During a deployment: the list of files comes from the newer version, and index.html from the older one.
  reverseProxy.changed['/sw.js'] = (script) => script.replaceAll(hash(index), hash(newerIndex))
  expect(await update()).toBe('redundant')
  await expect(page.getByText('A newer version of this page is available.')).toHaveCount(0)

  reverseProxy.changed['/'] = () => newerIndex
  expect(await update()).toBe('installed')
  await expect(page.getByText('A newer version of this page is available.')).toBeVisible()
})

test.describe('without a service worker', () => {
  test.use({ serviceWorkers: 'block' })

  test('a part of the page that the server no longer has shows an error', async ({ page, reverseProxy }) => {
    await page.goto(`${reverseProxy.url}/model`)
    await expect(page.getByText(/^Answered by/)).toBeVisible()
    reverseProxy.gone = /^\/assets\//
    await page.getByText('Model card', { exact: true }).click()
    await expect(page.getByRole('alert')).toContainText('This part of the page could not be loaded.')
    await expect(page.getByRole('heading', { name: 'About the model' })).toBeVisible()
    await page.getByRole('link', { name: 'Photo', exact: true }).click()
    await expect(page.getByRole('button', { name: 'Choose a photo' })).toBeVisible()
  })
})

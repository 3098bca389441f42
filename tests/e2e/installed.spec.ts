import { createHash } from 'node:crypto'
import AxeBuilder from '@axe-core/playwright'
import { expect, test as base, type Page } from '@playwright/test'
import { Front } from './front'
import { drawnJpeg } from './photos'

const test = base.extend<{ front: Front }>({
  front: async ({ baseURL }, use) => {
    const front = new Front(baseURL ?? '')
    await front.open()
    await use(front)
    await front.close()
  },
})

test.use({ serviceWorkers: 'allow', contextOptions: { reducedMotion: 'reduce' } })

/** The first visit: afterwards the page is on the device. */
async function visit(page: Page, front: Front) {
  await page.goto(front.url)
  await page.waitForFunction(() => navigator.serviceWorker.controller?.state === 'activated')
}

async function choose(page: Page, name: string) {
  await page.getByLabel('Photo of a dog').setInputFiles({ name, mimeType: 'image/jpeg', buffer: drawnJpeg() })
}

/** Addresses of everything that the page keeps for later. */
function kept(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const inCache = async (name: string) =>
      (await (await caches.open(name)).keys()).map(({ url }) => new URL(url).pathname)
    return (await Promise.all((await caches.keys()).map(inCache))).flat()
  })
}

test('after one visit every page opens without a connection, in either language', async ({ page, context, front }) => {
  await visit(page, front)
  await context.setOffline(true)
  await front.close()
  await page.reload()
  await expect(page.getByRole('heading', { name: 'Which breed is this dog?' })).toBeVisible()
  await page.goto(`${front.url}/history`)
  await expect(page.getByText('Nothing yet. Photos that you show appear here.')).toBeVisible()
  await page.goto(`${front.url}/model`)
  await expect(page.getByRole('heading', { name: 'About the model' })).toBeVisible()
  await expect(page.getByRole('alert').first()).toContainText('You are offline.')
  await page.getByLabel('Language').selectOption('de')
  await expect(page.getByRole('heading', { name: 'Über das Modell' })).toBeVisible()
})

test('answers come from the server or not at all', async ({ page, context, front }) => {
  const photos = () => front.asked.filter((request) => request.startsWith('POST /predictImage')).length
  await visit(page, front)
  await choose(page, 'first.jpg')
  await expect(page.getByRole('heading', { level: 2 })).toBeVisible()
  expect(photos()).toBe(1)
  expect((await kept(page)).filter((path) => /api|predictImage/.test(path))).toEqual([])

  await context.setOffline(true)
  await choose(page, 'second.jpg') // the same bytes
  await expect(page.getByRole('alert')).toContainText('You are offline.')
  await expect(page.getByRole('heading', { level: 2 })).toHaveCount(0)
  await context.setOffline(false)
  await expect(page.getByRole('heading', { level: 2 })).toBeVisible()
  expect(photos()).toBe(2)
})

test('what is not the page is asked of the server', async ({ page, front }) => {
  await visit(page, front)
  await page.goto(`${front.url}/api/predictImage`)
  await expect(page.getByRole('button', { name: 'POST', exact: true })).toBeVisible()
  expect((await page.goto(`${front.url}/api/docs/`))?.fromServiceWorker()).toBe(false)
  expect((await page.goto(`${front.url}/favicon.ico`))?.headers()['content-type']).toBe('image/x-icon')
})

test('Chromium finds nothing that stands in the way of an installation', async ({ page, context, front }) => {
  await visit(page, front)
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
    await page.goto(front.url + url)
    await expect(page.locator('main').getByRole('heading', { level: 1 })).toBeVisible()
  }
})

test('photos that another app shares are named at once', async ({ page, front }) => {
  await visit(page, front)
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
  expect(page.url()).toBe(`${front.url}/`)
  expect(front.asked).not.toContain('POST /share')
  await page.reload()
  await expect(page.getByRole('button', { name: 'Choose a photo' })).toBeVisible()
  expect((await kept(page)).filter((path) => path.startsWith('/share'))).toEqual([])
})

test('a share that finds no service worker leads to the page, which says that the photo is lost', async ({
  page,
  request,
}) => {
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

test('a newer version is announced, and comes when it is asked for', async ({ page, context, front }) => {
  await visit(page, front)
  const notice = page.getByText('There is a newer version of this page.')
  await expect(notice).toHaveCount(0)
  await choose(page, 'dog.jpg')
  await expect(page.getByRole('heading', { level: 2 })).toBeVisible()
  const other = await context.newPage()
  await other.goto(front.url)
  await page.bringToFront()

  front.changed['/sw.js'] = (script) => `${script}// of a newer version`
  await page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.update())
  await expect(notice).toBeVisible()
  await expect(page.getByRole('heading', { level: 2 })).toBeVisible() // nothing has been reloaded
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([])

  await expect(other.getByText('There is a newer version of this page.')).toBeVisible()
  await page.getByRole('button', { name: 'Reload' }).click()
  await expect(page.getByRole('heading', { level: 2 })).toHaveCount(0)
  await expect(page.getByRole('button', { name: 'Choose a photo' })).toBeVisible()
  await expect(notice).toHaveCount(0)
  expect(await page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.waiting)).toBeNull()
})

test('a page whose assets the server no longer has goes on working', async ({ page, front }) => {
  await visit(page, front)
  front.gone = /^\/assets\//
  await page.getByRole('link', { name: 'About the model' }).click()
  await page.getByText('Model card', { exact: true }).click()
  await expect(page.getByRole('heading', { name: /^dogbreed-/ }).first()).toBeVisible()
  await page.reload()
  await expect(page.getByText(/looks at a photo and compares it/)).toBeVisible()
})

test('files of two versions are never kept together', async ({ page, request, front }) => {
  const hash = (text: string) => createHash('sha256').update(text).digest('base64')
  const index = await (await request.get('/')).text()
  const newerIndex = index.replace('<head>', '<head><!-- newer -->')
  /** What becomes of the service worker that the server has now. */
  const update = () =>
    page.evaluate(async () => {
      const registration = await navigator.serviceWorker.getRegistration()
      await registration?.update()
      const worker = registration?.installing
      await new Promise((resolve) => worker?.addEventListener('statechange', resolve))
      return worker?.state
    })
  await visit(page, front)
  // In the middle of a deployment: the list of files comes from the newer version, and index.html from the older one.
  front.changed['/sw.js'] = (script) => script.replaceAll(hash(index), hash(newerIndex))
  expect(await update()).toBe('redundant')
  await expect(page.getByText('There is a newer version of this page.')).toHaveCount(0)

  front.changed['/'] = () => newerIndex
  expect(await update()).toBe('installed')
  await expect(page.getByText('There is a newer version of this page.')).toBeVisible()
})

test.describe('without a service worker', () => {
  test.use({ serviceWorkers: 'block' })

  test('a part of the page that the server no longer has is said to be missing', async ({ page, front }) => {
    await page.goto(`${front.url}/model`)
    await expect(page.getByText(/^Answered by/)).toBeVisible()
    front.gone = /^\/assets\//
    await page.getByText('Model card', { exact: true }).click()
    await expect(page.getByRole('alert')).toContainText('This part of the page could not be loaded.')
    await expect(page.getByRole('heading', { name: 'About the model' })).toBeVisible()
    await page.getByRole('link', { name: 'Photo', exact: true }).click()
    await expect(page.getByRole('button', { name: 'Choose a photo' })).toBeVisible()
  })
})

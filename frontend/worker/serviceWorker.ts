import {
  cleanupOutdatedCaches,
  createHandlerBoundToURL,
  precacheAndRoute,
  type PrecacheEntry,
} from 'workbox-precaching'
import { NavigationRoute, registerRoute } from 'workbox-routing'
import { PRIVATE_ASSETS, PRIVATE_FILES } from '../src/features/private/privateFilesCache'
import { receiveShare } from './receiveShare'

declare const self: ServiceWorkerGlobalScope
/** All files of the page. The build inserts the list. */
declare const PAGE_FILES: PrecacheEntry[]

/** Addresses that are not the page: other parts of the server, and files. */
const NOT_THE_PAGE = [/^\/(api|predictImage|admin|metrics|static)(\/|$|\?)/, /^[^?]*\.[^/?]*(\?|$)/]

// All files of one version of the page are cached together. Private mode caches its own files when it is chosen. Nothing
// else is cached: requests that match no route, such as those to the API, go to the network as usual.
cleanupOutdatedCaches()
precacheAndRoute(PAGE_FILES, { cleanURLs: false, directoryIndex: '' })
registerRoute(new NavigationRoute(createHandlerBoundToURL('/'), { denylist: NOT_THE_PAGE }))
registerRoute(({ url, sameOrigin }) => sameOrigin && url.pathname === '/share', receiveShare, 'POST')

registerRoute(
  ({ url, sameOrigin }) => sameOrigin && url.pathname.startsWith(PRIVATE_ASSETS),
  async ({ request }) =>
    (await caches.match(request, { cacheName: PRIVATE_FILES, ignoreVary: true })) ?? fetch(request),
)

// Serves pages that were opened before the service worker was active, too.
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()))

// A newer version waits until all pages of the older version are closed, or until the visitor reloads.
self.addEventListener('message', (event) => {
  if (event.data === 'take over') void self.skipWaiting()
})

import {
  cleanupOutdatedCaches,
  createHandlerBoundToURL,
  precacheAndRoute,
  type PrecacheEntry,
} from 'workbox-precaching'
import { NavigationRoute, registerRoute } from 'workbox-routing'
import { receiveShare } from './receiveShare'

declare const self: ServiceWorkerGlobalScope
/** Every file of the page; the build puts the list here. */
declare const PAGE_FILES: PrecacheEntry[]

/** What is not the page: other rooms of the server, and files. */
const ELSEWHERE = [/^\/(api|predictImage|admin|metrics|static)(\/|$|\?)/, /^[^?]*\.[^/?]*(\?|$)/]

// The page and its assets are kept together, so that they fit each other whatever the server has by now. Nothing else is
// kept: requests that match no route, and so all of the API's, go to the network as if there were no service worker.
cleanupOutdatedCaches()
precacheAndRoute(PAGE_FILES, { cleanURLs: false, directoryIndex: '' })
registerRoute(new NavigationRoute(createHandlerBoundToURL('/'), { denylist: ELSEWHERE }))
registerRoute(({ url, sameOrigin }) => sameOrigin && url.pathname === '/share', receiveShare, 'POST')

// A page that was opened before there was a service worker gets the parts that it has not loaded yet from here, too.
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()))

// A newer version waits until no page of the older one is open, or until the visitor asks for it.
self.addEventListener('message', (event) => {
  if (event.data === 'take over') void self.skipWaiting()
})

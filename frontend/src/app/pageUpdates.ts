/**
 * Registers the service worker, which lets the page open offline, and finds out about newer versions of the page. The page
 * works without it, so errors are ignored.
 */

const HOUR_MS = 3_600_000

let registration: ServiceWorkerRegistration | undefined
let isOutdated = false
const listeners = new Set<() => void>()

/** Subscribes to changes of `isPageOutdated`, for `useSyncExternalStore`. */
export function subscribeToUpdates(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Whether a newer version of the page is waiting, or is already active in another tab. */
export function isPageOutdated(): boolean {
  return isOutdated
}

function setOutdated() {
  isOutdated = true
  listeners.forEach((listener) => listener())
}

/** Waits until the page has loaded, so that the service worker's downloads do not delay it. */
export function registerServiceWorker() {
  if (!window.isSecureContext || !('serviceWorker' in navigator)) return
  const registerNow = () => void register().catch(() => undefined)
  if (document.readyState === 'complete') registerNow()
  else window.addEventListener('load', registerNow, { once: true })
}

async function register() {
  const { serviceWorker } = navigator
  let hasController = serviceWorker.controller !== null
  registration = await serviceWorker.register('/sw.js')
  serviceWorker.addEventListener('controllerchange', () => {
    if (hasController) setOutdated() // another tab has activated the newer version
    hasController = true
  })
  if (registration.waiting) setOutdated()
  registration.addEventListener('updatefound', () => watch(registration?.installing))
  watch(registration.installing)
  checkWhenVisible(registration)
}

function watch(worker: ServiceWorker | null | undefined) {
  worker?.addEventListener('statechange', () => {
    if (worker.state === 'installed' && registration?.active) setOutdated()
  })
}

/** An installed app may stay open for weeks, so it checks for updates when it becomes visible, at most once an hour. */
function checkWhenVisible(current: ServiceWorkerRegistration) {
  let lastCheck = Date.now()
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState !== 'visible' || Date.now() - lastCheck < HOUR_MS) return
    lastCheck = Date.now()
    current.update().catch(() => undefined)
  })
}

/** Reloads the page in its newest version. */
export function reloadPage() {
  const reload = () => window.location.reload()
  if (!registration?.waiting) return reload()
  navigator.serviceWorker.addEventListener('controllerchange', reload, { once: true })
  registration.waiting.postMessage('take over')
}

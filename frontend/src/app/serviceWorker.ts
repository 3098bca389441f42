/** The service worker lets the page open offline. It is a gain and no need: whatever fails here fails silently. */

const HOUR_MS = 3_600_000

let registration: ServiceWorkerRegistration | undefined
let isOutdated = false
const listeners = new Set<() => void>()

/** Tells `useSyncExternalStore` when `isPageOutdated` changes. */
export function onOutdated(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Whether a newer version of the page waits, or has taken over while this one is still open. */
export function isPageOutdated(): boolean {
  return isOutdated
}

function setOutdated() {
  isOutdated = true
  listeners.forEach((listener) => listener())
}

/** Once everything that is to be seen is there, so that the page's own files come first. */
export function registerServiceWorker() {
  if (!window.isSecureContext || !('serviceWorker' in navigator)) return
  const register = () => void start().catch(() => undefined)
  if (document.readyState === 'complete') register()
  else window.addEventListener('load', register, { once: true })
}

async function start() {
  const { serviceWorker } = navigator
  let hasController = serviceWorker.controller !== null
  registration = await serviceWorker.register('/sw.js')
  serviceWorker.addEventListener('controllerchange', () => {
    if (hasController) setOutdated() // another tab has asked for the newer version
    hasController = true
  })
  if (registration.waiting) setOutdated()
  registration.addEventListener('updatefound', () => watch(registration?.installing))
  watch(registration.installing)
  lookForUpdates(registration)
}

function watch(worker: ServiceWorker | null | undefined) {
  worker?.addEventListener('statechange', () => {
    if (worker.state === 'installed' && registration?.active) setOutdated()
  })
}

/** An installed app may stay open for weeks: it looks when it comes into view again. */
function lookForUpdates(of: ServiceWorkerRegistration) {
  let looked = Date.now()
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState !== 'visible' || Date.now() - looked < HOUR_MS) return
    looked = Date.now()
    of.update().catch(() => undefined)
  })
}

/** Loads the page anew, in the newest version that is there. */
export function reloadPage() {
  const reload = () => window.location.reload()
  if (!registration?.waiting) return reload()
  navigator.serviceWorker.addEventListener('controllerchange', reload, { once: true })
  registration.waiting.postMessage('take over')
}

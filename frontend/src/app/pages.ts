import { lazy } from 'react'

const loadHistory = () => import('../pages/history/HistoryPage')
const loadModel = () => import('../pages/model/ModelPage')
const loadAnswer = () => import('../pages/answer/AnswerPage')

/** The pages other than the photo page are loaded on demand. */
export const HistoryPage = lazy(loadHistory)
export const ModelPage = lazy(loadModel)
export const AnswerPage = lazy(loadAnswer)

/** What a visitor probably needs next, most likely first. Large parts that few need are not here. */
const NEXT = [
  () => import('../pages/predict/NewAnswer'),
  () => import('../features/answer/WhyThisAnswer'),
  loadHistory,
  loadAnswer,
  loadModel,
]

function whenIdle(task: () => void) {
  if (window.requestIdleCallback) window.requestIdleCallback(task)
  else setTimeout(task, 300) // Safari
}

/** Loads these parts one by one while the page is idle, so that nobody waits for them later. */
export function loadNextParts(parts = NEXT) {
  const [load, ...others] = parts
  if (!load) return
  whenIdle(() => {
    const loaded: Promise<unknown> = load().catch(() => undefined) // it is loaded again when it is needed
    void loaded.then(() => loadNextParts(others))
  })
}

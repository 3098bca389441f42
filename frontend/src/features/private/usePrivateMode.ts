import { useEffect, useSyncExternalStore } from 'react'
import { isPrivate, prepare, privateLoading, subscribeToPrivateMode } from './privateMode'

/** Whether private mode is chosen, and how far it is. It gets ready as soon as it is chosen. */
export function usePrivateMode() {
  const isChosen = useSyncExternalStore(subscribeToPrivateMode, isPrivate, () => false)
  const loading = useSyncExternalStore(subscribeToPrivateMode, privateLoading, privateLoading)
  useEffect(() => {
    if (isChosen) prepare().catch(() => undefined) // the error is shown
  }, [isChosen])
  return { isChosen, loading }
}

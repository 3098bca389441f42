import { Suspense, type ReactNode } from 'react'
import { LoadingBoundary } from './LoadingBoundary'

/** A part of the page that is loaded on demand. Until then the fallback is shown; if loading fails, an error is. */
export function LazyPart({ children, fallback = null }: { children: ReactNode; fallback?: ReactNode }) {
  return (
    <LoadingBoundary>
      <Suspense fallback={fallback}>{children}</Suspense>
    </LoadingBoundary>
  )
}

import { useEffect, useState } from 'react'

/** An object URL for a blob. It is revoked when the blob changes or the component unmounts. */
export function useObjectUrl(blob: Blob | null | undefined): string | undefined {
  const [created, setCreated] = useState<{ blob: Blob; url: string }>()
  useEffect(() => {
    if (!blob) return
    const url = URL.createObjectURL(blob)
    // eslint-disable-next-line react-hooks/set-state-in-effect -- the URL must be revoked, so it cannot be made in render
    setCreated({ blob, url })
    return () => URL.revokeObjectURL(url)
  }, [blob])
  return created?.blob === blob ? created?.url : undefined
}

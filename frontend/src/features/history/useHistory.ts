import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { onHistoryChange, readEntry, readHistory } from './store'

const KEY = ['history']

/** The answers stored in this browser, newest first. */
export function useHistory() {
  const client = useQueryClient()
  useEffect(() => onHistoryChange(() => void client.invalidateQueries({ queryKey: KEY })), [client])
  return useQuery({ queryKey: KEY, queryFn: readHistory, retry: false })
}

/** One answer stored in this browser, or null. */
export function useHistoryEntry(id: string) {
  return useQuery({ queryKey: [...KEY, id], queryFn: () => readEntry(id).catch(() => null) })
}

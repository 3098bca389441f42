import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { onHistoryChange, readHistory } from './store'

const KEY = ['history']

/** The answers that this browser keeps, newest first. */
export function useHistory() {
  const client = useQueryClient()
  useEffect(() => onHistoryChange(() => void client.invalidateQueries({ queryKey: KEY })), [client])
  return useQuery({ queryKey: KEY, queryFn: readHistory, retry: false })
}

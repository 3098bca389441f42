import { useTranslation } from 'react-i18next'
import { ApiError, NetworkError } from '../api/errors'

/** Why something failed, in the visitor's language. The API explains itself in English; its codes are translated. */
export function useReason(): (error: Error) => string {
  const { t, i18n } = useTranslation()
  return (error) => {
    if (error instanceof NetworkError) {
      if (!navigator.onLine) return t('problem.offline')
      return t(error.reason === 'timeout' ? 'problem.timeout' : 'problem.network')
    }
    if (!(error instanceof ApiError)) return error.message
    const translated = i18n.getResource(i18n.language, 'errors', error.code) as string | undefined
    return translated ?? (error.message || t('problem.unexplained', { status: error.status }))
  }
}

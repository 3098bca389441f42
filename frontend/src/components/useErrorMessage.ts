import { useTranslation } from 'react-i18next'
import { ApiError, DeviceError, NetworkError } from '../api/errors'

/** Describes an error in the visitor's language. The API explains errors in English; other languages translate its codes. */
export function useErrorMessage(): (error: Error) => string {
  const { t, i18n } = useTranslation()
  return (error) => {
    if (error instanceof NetworkError) {
      if (!navigator.onLine) return t('problem.offline')
      return t(error.reason === 'timeout' ? 'problem.timeout' : 'problem.network')
    }
    if (error instanceof DeviceError) return t(`private.problem.${error.code}`)
    if (!(error instanceof ApiError)) return error.message
    const translated = i18n.getResource(i18n.language, 'errors', error.code) as string | undefined
    return translated ?? (error.message || t('problem.unexplained', { status: error.status }))
  }
}

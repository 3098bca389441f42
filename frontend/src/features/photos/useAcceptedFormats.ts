import { useTranslation } from 'react-i18next'
import { useUploadRules } from '../../api/useUploadRules'
import { acceptAttribute, formatNames } from './acceptedFormats'

/** Which photo formats the server accepts. */
export function useAcceptedFormats() {
  const { i18n } = useTranslation()
  const mediaTypes = useUploadRules()?.accepts
  return {
    /** Undefined until the server has answered. */
    mediaTypes,
    /** For file inputs. */
    accept: acceptAttribute(mediaTypes),
    /** For people. Undefined until the server has answered. */
    names: mediaTypes && formatNames(mediaTypes, i18n.language),
  }
}

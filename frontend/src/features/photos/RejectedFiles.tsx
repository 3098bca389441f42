import { useTranslation } from 'react-i18next'
import { ErrorAlert } from '../../components/ErrorAlert'
import type { FileRejection } from './checkPhoto'
import { useAcceptedFormats } from './useAcceptedFormats'
import { MAX_PHOTOS } from './usePhotos'

interface Props {
  rejections: FileRejection[]
  /** How many photos were chosen if these were too many, else 0. */
  tooMany: number
}

/** Names the files that cannot be sent, and why. */
export function RejectedFiles({ rejections, tooMany }: Props) {
  const { t } = useTranslation()
  const formats = useAcceptedFormats().names
  const advice = formats ? t('rejected.chooseFormat', { formats }) : t('rejected.choosePhoto')
  const describe = ({ reason, type, ...values }: FileRejection): string => {
    if (reason !== 'type') return t(`rejected.${reason}`, values)
    return `${t('rejected.type', { ...values, type: type || t('rejected.unknownType') })} ${advice}`
  }
  const details = rejections.map(describe)
  if (tooMany > 0) details.push(t('rejected.tooMany', { count: tooMany, limit: MAX_PHOTOS }))
  return <ErrorAlert title={t('rejected.title')} details={details} />
}

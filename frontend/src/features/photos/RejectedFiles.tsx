import { useTranslation } from 'react-i18next'
import { ErrorAlert } from '../../components/ErrorAlert'
import type { FileRejection } from './checkPhoto'
import { useAcceptedFormats } from './useAcceptedFormats'

interface Props {
  rejections: FileRejection[]
  /** How many photos were chosen and how many can be used, if these were too many. */
  tooMany: { count: number; limit: number } | null
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
  if (tooMany) details.push(t('rejected.tooMany', tooMany))
  return <ErrorAlert title={t('rejected.title')} details={details} />
}

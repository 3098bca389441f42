import { useTranslation } from 'react-i18next'
import { Problem } from '../../components/Problem'
import type { Refusal } from './checkPhoto'
import { MOST_AT_ONCE } from './usePhotos'

/** Files that are not worth sending, and photos beyond what is taken at once. */
export function Refusals({ refusals, leftOut }: { refusals: Refusal[]; leftOut: number }) {
  const { t } = useTranslation()
  const details: string[] = refusals.map(({ reason, type, ...values }) =>
    t(`refused.${reason}`, { ...values, type: type || t('refused.unknownType') }),
  )
  if (leftOut > 0) details.push(t('refused.tooMany', { count: leftOut, limit: MOST_AT_ONCE }))
  return <Problem title={t('refused.title')} details={details} />
}

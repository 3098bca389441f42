import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Conclusion } from '../../api/types'
import { Button } from '../../components/Button'
import { CopyButton } from '../../components/CopyButton'
import styles from './Answer.module.css'
import { hasShareSheet, shareAnswer, type SharedPhoto } from './share'
import { useHeadline } from './useHeadline'

interface Props {
  prediction: Conclusion
  isStored: boolean
  photo?: SharedPhoto
}

/** Shares the answer on phones, and copies it where there is no share sheet or it failed. */
export function AnswerActions({ prediction, isStored, photo }: Props) {
  const { t } = useTranslation()
  const { line } = useHeadline()(prediction)
  const [canShare, setCanShare] = useState(hasShareSheet)
  const link = isStored ? new URL(`/answers/${prediction.id}`, window.location.href).href : undefined
  const share = async () => setCanShare(await shareAnswer({ text: line, url: link, photo }))
  return (
    <>
      <div className={styles.actions}>
        {canShare ? (
          <Button variant="subtle" size="compact-md" onClick={() => void share()}>
            {t('answer.share')}
          </Button>
        ) : (
          <>
            <CopyButton text={link ? `${line}\n${link}` : line} label={t('answer.copyAnswer')} />
            {link && <CopyButton text={link} label={t('answer.copyLink')} />}
          </>
        )}
        {prediction.id && !isStored && <p>{t(prediction.on_device ? 'private.answered' : 'answer.notStored')}</p>}
      </div>
      {link && <p className={styles.onPaper}>{link}</p>}
    </>
  )
}

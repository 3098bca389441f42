import { useTranslation } from 'react-i18next'
import { Button } from '../../components/Button'
import overPhoto from '../../components/overPhoto.module.css'
import styles from './PhotoFrame.module.css'
import { OPENS, PHOTO_INPUT } from './photoIntake'
import { useAcceptedFormats } from './useAcceptedFormats'

export const INPUT_ID = 'photo'
const CAMERA_ID = 'camera'

/** Buttons that open the file dialog and the camera. `photoIntake` opens them and takes the photos. */
export function PhotoButtons({ isOverPhoto }: { isOverPhoto: boolean }) {
  const { t } = useTranslation()
  const { accept } = useAcceptedFormats()
  const look = isOverPhoto ? overPhoto.button : ''
  return (
    <>
      <div className={styles.buttons}>
        <Button size="lg" className={look} {...{ [OPENS]: INPUT_ID }}>
          {isOverPhoto ? t('photo.chooseAnother') : t('photo.choose')}
        </Button>
        <Button size="lg" className={`${styles.camera} ${look}`} {...{ [OPENS]: CAMERA_ID }}>
          {t('photo.take')}
        </Button>
      </div>
      <input
        id={INPUT_ID}
        type="file"
        multiple
        accept={accept}
        aria-label={t('photo.input')}
        hidden
        {...{ [PHOTO_INPUT]: true }}
      />
      <input
        id={CAMERA_ID}
        type="file"
        accept="image/*"
        capture="environment"
        aria-label={t('photo.camera')}
        hidden
        {...{ [PHOTO_INPUT]: true }}
      />
    </>
  )
}

import { useId, useRef, useState, type CSSProperties, type KeyboardEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../../components/Button'
import { VisuallyHidden } from '../../components/VisuallyHidden'
import overPhoto from '../../components/overPhoto.module.css'
import type { Photo } from '../../components/photo'
import { useNumberFormat } from '../../components/useNumberFormat'
import { afterKey, ALL_EDGES, CORNERS, startBox, type Box } from './box'
import styles from './CropFrame.module.css'
import { cropPhoto } from './cropPhoto'
import { useBoxDrag } from './useBoxDrag'

interface Props {
  photo: Photo
  /** The suggested part: left, top, right, bottom, 0..1. */
  suggested: number[] | null
  onUse: (part: File) => void
  onCancel: () => void
}

/** The photo with a frame around the part to use. The frame is moved and resized by pointer or keyboard. */
export default function CropFrame({ photo, suggested, onUse, onCancel }: Props) {
  const { t } = useTranslation()
  const { wholePercent } = useNumberFormat()
  const hintId = useId()
  const area = useRef<HTMLDivElement>(null)
  const [box, setBox] = useState(() => startBox(suggested))
  const [ratio, setRatio] = useState<number | null>(null)
  const [step, setStep] = useState<'choosing' | 'cropping' | 'failed'>('choosing')
  const drag = useBoxDrag(area, box, setBox)

  const takePart = () => {
    setStep('cropping')
    cropPhoto(photo.file, box).then(onUse, () => setStep('failed'))
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') return onCancel()
    if (event.key === 'Enter' && event.target === event.currentTarget) return takePart()
    const next = afterKey(box, event.key, event.shiftKey)
    if (!next) return
    event.preventDefault() // the page must not scroll
    setBox(next)
  }

  const position = { left: wholePercent(box.left), top: wholePercent(box.top) }
  const size = { width: wholePercent(box.right - box.left), height: wholePercent(box.bottom - box.top) }
  return (
    <section className={styles.crop} data-photo-crop aria-label={t('crop.title')}>
      <div className={styles.stage}>
        <div ref={area} className={styles.area} style={{ '--ratio': ratio ?? 1 } as CSSProperties}>
          <img
            src={photo.url}
            alt=""
            draggable={false}
            onLoad={({ currentTarget: image }) => setRatio(image.naturalWidth / image.naturalHeight)}
            onError={() => setStep('failed')}
          />
          <div className={styles.clip}>
            <div className={styles.shade} style={placeOf(box)} />
          </div>
          {/* eslint-disable-next-line jsx-a11y-x/no-noninteractive-element-interactions -- screen readers pass keys on to it */}
          <div
            role="application"
            // eslint-disable-next-line jsx-a11y-x/no-noninteractive-tabindex -- the keys below move and resize it
            tabIndex={0}
            ref={focusOnMount}
            className={styles.box}
            style={placeOf(box)}
            aria-label={t('crop.frame')}
            aria-describedby={hintId}
            onKeyDown={onKeyDown}
            {...drag(ALL_EDGES)}
          >
            {CORNERS.map((edges) => (
              <i key={edges.join()} className={styles.corner} data-corner={edges.join('-')} {...drag(edges)} />
            ))}
          </div>
        </div>
      </div>
      <div className={styles.bar}>
        {step === 'failed' ? (
          <p role="alert">{t('crop.failed')}</p>
        ) : (
          <Button size="md" loading={step === 'cropping'} onClick={takePart}>
            {t('crop.use')}
          </Button>
        )}
        <Button size="md" className={overPhoto.button} onClick={onCancel}>
          {t('crop.cancel')}
        </Button>
      </div>
      <VisuallyHidden id={hintId}>{t('crop.hint')}</VisuallyHidden>
      <VisuallyHidden role="status">{t('crop.position', { ...position, ...size })}</VisuallyHidden>
    </section>
  )
}

function focusOnMount(element: HTMLElement | null) {
  if (!element) return
  element.focus({ preventScroll: true })
  document.documentElement.scrollTop = 0 // the photo is at the top: on a phone it was out of view
}

function placeOf({ left, top, right, bottom }: Box): CSSProperties {
  const percent = (share: number) => `${share * 100}%`
  return { left: percent(left), top: percent(top), width: percent(right - left), height: percent(bottom - top) }
}

import { useClipboard } from '@mantine/hooks'
import { useTranslation } from 'react-i18next'
import { Button } from './Button'

/** Renders nothing without a clipboard: browsers provide one only on HTTPS and localhost. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const { t } = useTranslation()
  const { copied, copy } = useClipboard()
  if (!navigator.clipboard) return null
  return (
    <Button variant="subtle" size="compact-md" onClick={() => copy(text)} aria-live="polite">
      {copied ? t('app.copied') : label}
    </Button>
  )
}

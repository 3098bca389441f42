import { TextInput } from '@mantine/core'
import fields from './field.module.css'

interface Props {
  label: string
  placeholder: string
  value: string
  onChange: (text: string) => void
  className?: string
}

export function SearchField({ label, placeholder, value, onChange, className }: Props) {
  return (
    <TextInput
      type="search"
      size="md"
      className={className}
      classNames={{ input: fields.field }}
      aria-label={label}
      placeholder={placeholder}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}

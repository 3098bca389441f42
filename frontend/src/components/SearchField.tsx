import fields from './field.module.css'

interface Props {
  label: string
  placeholder: string
  value: string
  onChange: (text: string) => void
  className?: string
}

export function SearchField({ label, placeholder, value, onChange, className = '' }: Props) {
  return (
    <input
      type="search"
      className={`${fields.field} ${fields.plain} ${className}`}
      aria-label={label}
      placeholder={placeholder}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}

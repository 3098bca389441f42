import '@mantine/core/styles/CloseButton.layer.css'
import '@mantine/core/styles/Combobox.layer.css'
import '@mantine/core/styles/Popover.layer.css'
import '@mantine/core/styles/ScrollArea.layer.css'
import { Select, type ComboboxItem, type OptionsFilter } from '@mantine/core'
import styles from './BreedSelect.module.css'
import fields from './field.module.css'
import { plainText } from './plainText'

export interface BreedChoice {
  value: string
  label: string
  /** Other names by which it is found. */
  aliases?: string[]
}

interface Props {
  label: string
  placeholder?: string
  choices: BreedChoice[]
  /** Offered at the end whatever is searched for. */
  always?: BreedChoice[]
  value: string | null
  onChange: (value: string | null) => void
}

/** One breed out of many, found by typing any of its names. */
export default function BreedSelect({ label, placeholder, choices, always = [], value, onChange }: Props) {
  const namesOf = new Map(
    choices.map(({ value: breed, label: name, aliases = [] }) => [breed, [breed, name, ...aliases]]),
  )
  const filter: OptionsFilter = ({ options, search }) => {
    const wanted = plainText(search)
    const isCalled = ({ label: name }: ComboboxItem) => plainText(name).includes(wanted)
    const found = (options as ComboboxItem[]).filter((option) => {
      const names = namesOf.get(option.value)
      return isCalled(option) || !names || names.some((name) => plainText(name).includes(wanted))
    })
    // Who is found under another name only comes after those who are called so.
    return [...found.filter(isCalled), ...found.filter((option) => !isCalled(option))]
  }
  return (
    <Select
      searchable
      size="md"
      label={label}
      placeholder={placeholder}
      data={[...choices, ...always].map(({ value: breed, label: name }) => ({ value: breed, label: name }))}
      filter={filter}
      value={value}
      onChange={onChange}
      maxDropdownHeight={280}
      checkIconPosition="right"
      classNames={{ input: fields.field, dropdown: styles.dropdown, option: styles.option, label: styles.label }}
    />
  )
}

import { Select, type ComboboxItem, type OptionsFilter } from '@mantine/core'
import styles from './BreedSelect.module.css'
import fields from './field.module.css'
import { Mantine } from './Mantine'
import { searchText } from './searchText'

export interface BreedChoice {
  value: string
  label: string
  /** Other names that the search finds too. */
  aliases?: string[]
}

interface Props {
  label: string
  placeholder?: string
  choices: BreedChoice[]
  /** Choices at the end of the list that the search never hides. */
  always?: BreedChoice[]
  value: string | null
  onChange: (value: string | null) => void
}

/** A list of breeds with a search. */
export default function BreedSelect({ label, placeholder, choices, always = [], value, onChange }: Props) {
  const namesOf = new Map(
    choices.map(({ value: breed, label: name, aliases = [] }) => [breed, [breed, name, ...aliases]]),
  )
  const filter: OptionsFilter = ({ options, search }) => {
    const wanted = searchText(search)
    const matchesLabel = ({ label: name }: ComboboxItem) => searchText(name).includes(wanted)
    const found = (options as ComboboxItem[]).filter((option) => {
      const names = namesOf.get(option.value)
      return matchesLabel(option) || !names || names.some((name) => searchText(name).includes(wanted))
    })
    // Matches by label come first, then matches by another name.
    return [...found.filter(matchesLabel), ...found.filter((option) => !matchesLabel(option))]
  }
  return (
    <Mantine>
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
    </Mantine>
  )
}

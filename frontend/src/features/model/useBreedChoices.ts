import type { BreedChoice } from '../../components/BreedSelect'
import { useBreedName } from '../../components/useBreedName'
import { useModel } from './useModel'

/** Breeds to choose from, by name, found under their other names too where the model tells them. */
export function useBreedChoices(breeds: { breed: string; name: string }[]): BreedChoice[] {
  const nameOf = useBreedName()
  const { data: model } = useModel()
  const aliases = new Map(model?.breeds.map((known) => [known.breed, known.aliases]))
  return breeds
    .map((entry) => ({
      value: entry.breed,
      label: nameOf(entry),
      aliases: [entry.name, ...(aliases.get(entry.breed) ?? [])],
    }))
    .sort((one, other) => one.label.localeCompare(other.label))
}

import { useModel } from '../../api/useModel'
import type { BreedChoice } from '../../components/BreedSelect'
import { useBreedName } from '../../components/useBreedName'

/** Breeds to choose from, sorted by name. The search also finds the other names that the model's catalogue lists. */
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

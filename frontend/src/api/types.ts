import type { components } from './schema'

type Schemas = components['schemas']

export type Advice = Schemas['Advice']
export type Answers = Schemas['Answers']
export type BreedPhotos = Schemas['BreedPhotos']
export type BreedProbability = Schemas['BreedProbability']
export type CatalogueBreed = Schemas['CatalogueBreed']
export type ConfidenceBin = Schemas['ConfidenceBin']
export type Dog = Schemas['Dog']
export type DogPhoto = Schemas['DogPhoto']
export type ErrorBody = Schemas['Error']
export type Explanation = Schemas['Explanation']
export type Feedback = Schemas['Feedback']
export type FeedbackRequest = Schemas['FeedbackRequestRequest']
export type GalleryPhoto = Schemas['GalleryPhoto']
export type KeptPhoto = Schemas['KeptPhoto']
export type LookAlikes = Schemas['LookAlikes']
export type Metrics = Schemas['Metrics']
export type Model = Schemas['Model']
export type PhotoAdvice = Schemas['PhotoAdvice']
export type Prediction = Schemas['Prediction'] & OnDevice
export type Statistics = Schemas['Statistics']
export type StoredPrediction = Schemas['StoredPrediction']
export type Trust = Schemas['Trust']
export type UploadRules = Schemas['UploadRules']
export type Verdict = Schemas['Verdict']

/** Set on answers that were given in private mode. The server does not know them. */
interface OnDevice {
  on_device?: true
}

/** A new or a stored prediction. Both have everything that an answer shows. */
export type AnyPrediction = Prediction | (StoredPrediction & OnDevice)

/** What every answer shows: the answer to a photo, and the answer to several photos of one dog, which has no id. */
export type Conclusion = Pick<
  AnyPrediction,
  'breed' | 'name' | 'probability' | 'probabilities' | 'verdict' | 'shortlist' | 'look_alikes' | 'model'
> & { id?: string } & OnDevice

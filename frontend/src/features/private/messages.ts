import type { DeviceError } from '../../api/errors'
import type { Prediction } from '../../api/types'

/** Where the packed model is, and its length before compression: `network` of `/api/model`. */
export interface ModelFile {
  address: string
  bytes: number
}

export type Job =
  | { task: 'load'; model: ModelFile }
  /** Comes after the model was loaded. */
  | { task: 'answer'; photo: Blob }

export type Request = { id: number } & Job

export type Failure = DeviceError['code']

/** `loaded` is the share of all downloads, 0..1. */
export type Reply =
  { id: number; loaded: number } | { id: number; done: Prediction | null } | { id: number; failure: Failure }

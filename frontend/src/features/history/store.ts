import { openDB, type DBSchema, type IDBPDatabase } from 'idb'
import type { components } from '../../api/schema'
import { drawScaled } from '../../components/drawScaled'

type Prediction = components['schemas']['Prediction']

export interface Entry {
  /** The prediction's own. */
  id: string
  /** Milliseconds since 1970. */
  time: number
  /** Of the file. */
  name: string
  thumbnail: Blob | null
  prediction: Prediction
}

interface HistorySchema extends DBSchema {
  entries: { key: string; value: Entry; indexes: { time: number } }
}

const MOST_ENTRIES = 500
/** Pixels of a thumbnail's shorter side: twice what is shown, for sharp screens. */
const THUMBNAIL_SIDE = 320

let opened: Promise<IDBPDatabase<HistorySchema>> | null = null

function database() {
  opened ??= openDB<HistorySchema>('dogbreed', 1, {
    upgrade(db) {
      db.createObjectStore('entries', { keyPath: 'id' }).createIndex('time', 'time')
    },
    terminated: () => (opened = null),
  })
  opened.catch(() => (opened = null))
  return opened
}

const changes = new EventTarget()

/** Calls back whenever the history is another; returns what ends that. */
export function onHistoryChange(listener: () => void): () => void {
  changes.addEventListener('change', listener)
  return () => changes.removeEventListener('change', listener)
}

async function thumbnailOf(photo: Blob, preview: string | undefined): Promise<Blob | null> {
  try {
    const source = preview ? await (await fetch(preview)).blob() : photo
    return (await drawScaled(source, { shorterSide: THUMBNAIL_SIDE, quality: 0.8 })) ?? source
  } catch {
    return null
  }
}

/** Keeps an answer on this device. Where the browser lets nothing be kept, nothing is, and nobody is bothered. */
export async function remember(
  name: string,
  { prediction, sent }: { prediction: Prediction; sent: Blob },
): Promise<void> {
  const { preview, ...answer } = prediction
  const thumbnail = await thumbnailOf(sent, preview)
  try {
    const db = await database()
    await db.put('entries', { id: prediction.id, time: Date.now(), name, thumbnail, prediction: answer })
    await forgetOldest(db)
    changes.dispatchEvent(new Event('change'))
  } catch {
    return
  }
}

async function forgetOldest(db: IDBPDatabase<HistorySchema>): Promise<void> {
  const keys = await db.getAllKeysFromIndex('entries', 'time')
  await Promise.all(keys.slice(0, Math.max(0, keys.length - MOST_ENTRIES)).map((key) => db.delete('entries', key)))
}

/** Newest first. */
export async function readHistory(): Promise<Entry[]> {
  return (await (await database()).getAllFromIndex('entries', 'time')).reverse()
}

export async function readEntry(id: string): Promise<Entry | null> {
  return (await (await database()).get('entries', id)) ?? null
}

export async function forget(id: string): Promise<void> {
  await (await database()).delete('entries', id)
  changes.dispatchEvent(new Event('change'))
}

export async function forgetAll(): Promise<void> {
  await (await database()).clear('entries')
  changes.dispatchEvent(new Event('change'))
}

import { openDB, type DBSchema, type IDBPDatabase } from 'idb'
import type { Prediction } from '../../api/types'
import { drawScaled } from '../../components/drawScaled'

export interface Entry {
  /** The id of the prediction. */
  id: string
  /** Milliseconds since 1970. */
  time: number
  /** The file name. */
  name: string
  thumbnail: Blob | null
  prediction: Prediction
}

interface HistorySchema extends DBSchema {
  entries: { key: string; value: Entry; indexes: { time: number } }
}

const MAX_ENTRIES = 500
/** Pixels of a thumbnail's shorter side: twice its size on the page, for sharp screens. */
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

/** Calls the listener after each change of the history. Returns a function that removes the listener. */
export function onHistoryChange(listener: () => void): () => void {
  changes.addEventListener('change', listener)
  return () => changes.removeEventListener('change', listener)
}

async function createThumbnail(photo: Blob, preview: string | undefined): Promise<Blob | null> {
  try {
    const source = preview ? await (await fetch(preview)).blob() : photo
    return (await drawScaled(source, { shorterSide: THUMBNAIL_SIDE, quality: 0.8 })) ?? source
  } catch {
    return null
  }
}

interface NewEntry {
  prediction: Prediction
  /** The bytes that were sent. */
  sent: Blob
}

/** Stores an answer on this device. Does nothing if the browser does not allow storage. */
export async function saveEntry(name: string, { prediction, sent }: NewEntry): Promise<void> {
  const { preview, ...withoutPreview } = prediction
  const thumbnail = await createThumbnail(sent, preview)
  try {
    const db = await database()
    await db.put('entries', { id: prediction.id, time: Date.now(), name, thumbnail, prediction: withoutPreview })
    await deleteOldest(db)
    changes.dispatchEvent(new Event('change'))
  } catch {
    return
  }
}

async function deleteOldest(db: IDBPDatabase<HistorySchema>): Promise<void> {
  const keys = await db.getAllKeysFromIndex('entries', 'time')
  await Promise.all(keys.slice(0, Math.max(0, keys.length - MAX_ENTRIES)).map((key) => db.delete('entries', key)))
}

/** All entries, newest first. */
export async function readHistory(): Promise<Entry[]> {
  return (await (await database()).getAllFromIndex('entries', 'time')).reverse()
}

export async function readEntry(id: string): Promise<Entry | null> {
  return (await (await database()).get('entries', id)) ?? null
}

export async function deleteEntry(id: string): Promise<void> {
  await (await database()).delete('entries', id)
  changes.dispatchEvent(new Event('change'))
}

/** Stores deleted entries again. They have the same places in the list as before, because it is sorted by time. */
export async function restoreEntries(entries: Entry[]): Promise<void> {
  const transaction = (await database()).transaction('entries', 'readwrite')
  await Promise.all([...entries.map((entry) => transaction.store.put(entry)), transaction.done])
  changes.dispatchEvent(new Event('change'))
}

export async function clearHistory(): Promise<void> {
  await (await database()).clear('entries')
  changes.dispatchEvent(new Event('change'))
}

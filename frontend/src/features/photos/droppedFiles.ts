/** The files of a drop or a paste, also those in folders. Call it during the event: afterwards the browser forgets them. */
export function droppedFiles({ items, files }: DataTransfer): Promise<File[]> | File[] {
  const entries = [...(items ?? [])].flatMap((item) => item.webkitGetAsEntry?.() ?? [])
  if (!entries.some((entry) => entry.isDirectory)) return [...files]
  return Promise.all(entries.map(filesOf)).then((found) => found.flat())
}

async function filesOf(entry: FileSystemEntry): Promise<File[]> {
  if (entry.isFile) {
    return [await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject))]
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader()
  const found: FileSystemEntry[] = []
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (some.length === 0) break // browsers list a folder in several steps
    found.push(...some)
  }
  return (await Promise.all(found.map(filesOf))).flat()
}

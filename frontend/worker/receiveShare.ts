import { FILE_NAME, SHARED_PHOTOS } from '../src/features/photos/sharedPhotosCache'

/** Stores photos that another app shares, and opens the page, which takes them from there. */
export async function receiveShare({ request }: { request: Request }): Promise<Response> {
  const form = await request.formData()
  const files = form.getAll('photos').filter((value) => value instanceof File)
  await storeFiles(files).catch(() => undefined) // no space: the page finds no photos and shows an error
  return Response.redirect('/?shared', 303)
}

async function storeFiles(files: File[]) {
  await caches.delete(SHARED_PHOTOS) // left over from an earlier share
  const cache = await caches.open(SHARED_PHOTOS)
  for (const [index, file] of files.entries()) {
    const headers = { 'Content-Type': file.type, [FILE_NAME]: encodeURIComponent(file.name) }
    await cache.put(`/share/${index}`, new Response(file, { headers }))
  }
}

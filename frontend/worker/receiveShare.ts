import { FILE_NAME, SHARED_PHOTOS } from '../src/features/predict/sharedPhotos'

/** Photos that another app shares with this one: keeps them until the page, which is opened by this, takes them over. */
export async function receiveShare({ request }: { request: Request }): Promise<Response> {
  const form = await request.formData()
  const files = form.getAll('photos').filter((value) => value instanceof File)
  await keep(files).catch(() => undefined) // no room: the page finds none, and says so
  return Response.redirect('/?shared', 303)
}

async function keep(files: File[]) {
  await caches.delete(SHARED_PHOTOS) // of an earlier time, if the page never took them
  const cache = await caches.open(SHARED_PHOTOS)
  for (const [index, file] of files.entries()) {
    const headers = { 'Content-Type': file.type, [FILE_NAME]: encodeURIComponent(file.name) }
    await cache.put(`/share/${index}`, new Response(file, { headers }))
  }
}

/** The cache in which the service worker leaves photos that another app has shared. The page takes them from there. */
export const SHARED_PHOTOS = 'dogbreed-shared-photos'
/** The header with the file name, percent-encoded because headers are ASCII. */
export const FILE_NAME = 'X-File-Name'

/** The cache in which the service worker leaves photos for the page that another app has shared. */
export const SHARED_PHOTOS = 'dogbreed-shared-photos'
/** A file's name, percent-encoded: headers are ASCII. */
export const FILE_NAME = 'X-File-Name'

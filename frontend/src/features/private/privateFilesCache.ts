/** The cache for what private mode has downloaded. The service worker reads it. */
export const PRIVATE_FILES = 'private-files'
/** Where the build puts those of them that belong to the page. */
export const PRIVATE_ASSETS = '/assets/private/'

import './app/tokens.css'
import './app/print.css'
import { nextPaint, showFirstScreen, showNotLoaded } from './app/firstScreen'
import { preferredLanguage } from './app/language'
import { listenForPhotos } from './features/photos/photoIntake'

// This script is small, because the browser shows nothing before it has run. Everything else is loaded after the first paint.
const root = document.getElementById('root')
if (!root) throw new Error('index.html has no element with the id "root".')
const language = preferredLanguage()
listenForPhotos()
const hasFirstScreen = showFirstScreen(root, language)
nextPaint()
  .then(() => import('./app/start'))
  .then(({ start }) => start(root, language, hasFirstScreen))
  .catch((error: unknown) => {
    showNotLoaded(root, language)
    throw error
  })

import '@mantine/core/styles/baseline.layer.css'
import '@mantine/core/styles/default-css-variables.layer.css'
import '@mantine/core/styles/global.layer.css'
import '@mantine/core/styles/UnstyledButton.layer.css'
import '@mantine/core/styles/Button.layer.css'
import '@mantine/core/styles/Loader.layer.css'
import '@mantine/core/styles/Input.layer.css'
import '@mantine/core/styles/Progress.layer.css'
import '@mantine/core/styles/VisuallyHidden.layer.css'
import '@mantine/dropzone/styles.layer.css'
import './app/tokens.css'
import './app/print.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app/App'
import { startTranslation } from './app/i18n'
import { registerServiceWorker } from './app/pageUpdates'

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no element with the id "root".')
await startTranslation()
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
if (import.meta.env.PROD) registerServiceWorker()

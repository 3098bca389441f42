import { MantineProvider } from '@mantine/core'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { useState } from 'react'
import { ModelFooter } from '../features/model/ModelFooter'
import { PredictPage } from '../features/predict/PredictPage'
import styles from './App.module.css'
import { theme } from './theme'

export function App() {
  const [queryClient] = useState(() => new QueryClient())
  return (
    <QueryClientProvider client={queryClient}>
      <MantineProvider theme={theme} defaultColorScheme="auto">
        <div className={styles.page}>
          <header className={styles.header}>
            <a href="/" className={styles.wordmark}>
              <img src="/icon.svg" alt="" width={28} height={28} />
              Dogbreed
            </a>
          </header>
          <PredictPage />
          <ModelFooter />
        </div>
      </MantineProvider>
    </QueryClientProvider>
  )
}

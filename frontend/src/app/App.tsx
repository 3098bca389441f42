import { MantineProvider } from '@mantine/core'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { useCallback, useState } from 'react'
import { Route, Switch, useLocation } from 'wouter'
import { LoadingBoundary } from '../components/LoadingBoundary'
import HistoryPage from '../features/history/HistoryPage'
import ModelPage from '../features/model/ModelPage'
import { PredictPage } from '../features/predict/PredictPage'
import StoredPage from '../features/stored/StoredPage'
import styles from './App.module.css'
import { Footer } from './Footer'
import { Header } from './Header'
import { NothingHere } from './NothingHere'
import { theme } from './theme'
import { UpdateNotice } from './UpdateNotice'

/** A question that cannot be asked fails at once, and is asked again when there is a connection. */
const SAY_SO_OFFLINE = { defaultOptions: { queries: { networkMode: 'always', refetchOnReconnect: true } } } as const

export function App() {
  const [queryClient] = useState(() => new QueryClient(SAY_SO_OFFLINE))
  const [location, navigate] = useLocation()
  const isPhotoPage = location === '/'
  const showPhotoPage = useCallback(() => navigate('/'), [navigate])
  return (
    <QueryClientProvider client={queryClient}>
      <MantineProvider theme={theme} defaultColorScheme="auto">
        <div className={styles.page}>
          <Header />
          {/* It stays where it is while other pages are looked at, and so do its photos. */}
          <LoadingBoundary>
            <PredictPage isShown={isPhotoPage} onPhotos={showPhotoPage} />
          </LoadingBoundary>
          {!isPhotoPage && (
            <main id="content" className={styles.content} tabIndex={-1}>
              <LoadingBoundary key={location}>
                <Switch>
                  <Route path="/history" component={HistoryPage} />
                  <Route path="/model" component={ModelPage} />
                  <Route path="/answers/:id">{({ id }) => <StoredPage key={id} id={id} />}</Route>
                  <Route component={NothingHere} />
                </Switch>
              </LoadingBoundary>
            </main>
          )}
          <Footer />
          <UpdateNotice />
        </div>
      </MantineProvider>
    </QueryClientProvider>
  )
}

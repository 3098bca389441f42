import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { useCallback, useState } from 'react'
import { Route, Switch, useLocation } from 'wouter'
import { LazyPart } from '../components/LazyPart'
import { LoadingBoundary } from '../components/LoadingBoundary'
import { PredictPage } from '../pages/predict/PredictPage'
import styles from './App.module.css'
import { Footer } from './Footer'
import { Header } from './Header'
import { NotFound } from './NotFound'
import { AnswerPage, HistoryPage, ModelPage } from './pages'
import { UpdateNotice } from './UpdateNotice'

/** Without a connection, queries fail at once instead of waiting. They are repeated when there is a connection. */
const QUERY_OPTIONS = { defaultOptions: { queries: { networkMode: 'always', refetchOnReconnect: true } } } as const

export function App() {
  const [queryClient] = useState(() => new QueryClient(QUERY_OPTIONS))
  const [location, navigate] = useLocation()
  const isPredictPage = location === '/'
  const showPredictPage = useCallback(() => navigate('/'), [navigate])
  return (
    <QueryClientProvider client={queryClient}>
      <div className={styles.page}>
        <Header />
        {/* It stays mounted while another page is shown, so that its photos are kept. */}
        <LoadingBoundary>
          <PredictPage isShown={isPredictPage} onPhotos={showPredictPage} />
        </LoadingBoundary>
        {!isPredictPage && (
          <main id="content" className={styles.content} tabIndex={-1}>
            <LazyPart key={location} fallback={<div className={styles.loading} />}>
              <Switch>
                <Route path="/history" component={HistoryPage} />
                <Route path="/model" component={ModelPage} />
                <Route path="/answers/:id">{({ id }) => <AnswerPage key={id} id={id} />}</Route>
                <Route component={NotFound} />
              </Switch>
            </LazyPart>
          </main>
        )}
        <Footer />
        <UpdateNotice />
      </div>
    </QueryClientProvider>
  )
}

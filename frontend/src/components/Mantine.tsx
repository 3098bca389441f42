import '@mantine/core/styles/baseline.layer.css'
import '@mantine/core/styles/default-css-variables.layer.css'
import '@mantine/core/styles/global.layer.css'
import '@mantine/core/styles/UnstyledButton.layer.css'
import '@mantine/core/styles/CloseButton.layer.css'
import '@mantine/core/styles/Input.layer.css'
import '@mantine/core/styles/ScrollArea.layer.css'
import '@mantine/core/styles/Popover.layer.css'
import '@mantine/core/styles/Combobox.layer.css'
import { MantineProvider, createTheme, type MantineColorsTuple } from '@mantine/core'
import type { ReactNode } from 'react'

const pine: MantineColorsTuple = [
  '#eef5f1',
  '#dbe8e1',
  '#b5d1c3',
  '#8cb9a4',
  '#6aa58a',
  '#54987a',
  '#2f7a5c',
  '#1f5b47',
  '#174637',
  '#0d3126',
]

const theme = createTheme({
  primaryColor: 'pine',
  colors: { pine },
  primaryShade: { light: 7, dark: 3 },
  defaultRadius: 'xl',
  fontFamily: 'inherit',
  respectReducedMotion: true,
})

/**
 * What Mantine's components need around them. Mantine is large, so only parts that are loaded on demand use it, and each of
 * them brings this with it.
 */
export function Mantine({ children }: { children: ReactNode }) {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto">
      {children}
    </MantineProvider>
  )
}

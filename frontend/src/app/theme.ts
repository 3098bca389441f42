import { Button, createTheme, type MantineColorsTuple } from '@mantine/core'

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

const BUTTON_COLOURS: Record<string, Record<string, string>> = {
  filled: {
    '--button-bg': 'var(--accent)',
    '--button-color': 'var(--on-accent)',
    '--button-hover': 'var(--accent-strong)',
  },
  default: {
    '--button-bg': 'var(--raised)',
    '--button-color': 'var(--ink)',
    '--button-bd': '1px solid var(--line)',
    '--button-hover': 'var(--paper)',
  },
  subtle: { '--button-color': 'var(--accent)', '--button-hover': 'var(--surface)' },
}

export const theme = createTheme({
  primaryColor: 'pine',
  colors: { pine },
  primaryShade: { light: 7, dark: 3 },
  defaultRadius: 'xl',
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", sans-serif',
  respectReducedMotion: true,
  components: {
    Button: Button.extend({
      // The colours of tokens.css, which have enough contrast in dark mode too.
      vars: (_theme, { variant }) => ({
        root: BUTTON_COLOURS[variant ?? 'filled'] ?? {},
      }),
    }),
  },
})

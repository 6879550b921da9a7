/** The look: one accent colour, system fonts, dense controls; light and dark as the system says or the person chose. */
import {
  type CSSVariablesResolver,
  createTheme,
  localStorageColorSchemeManager,
  type MantineColorsTuple,
  MantineProvider,
} from '@mantine/core'
import '@mantine/core/styles.css'
import './page.css'
import type { ReactNode } from 'react'

/** Petrol: white text stands on shades 6 and 7 at 4.5:1 and more; shade 4 is for text and rings on the dark body. */
const petrol: MantineColorsTuple = [
  '#e8f6f7',
  '#d2eaec',
  '#a5d5d9',
  '#76bfc5',
  '#4fadb5',
  '#349fa9',
  '#1a7d87',
  '#0a6c74',
  '#07575e',
  '#044148',
]

const graphite: MantineColorsTuple = [
  '#d5dade',
  '#bcc3c9',
  '#a3abb3',
  '#7d868f',
  '#4a535b',
  '#363d44',
  '#2a3036',
  '#1d2227',
  '#171b1f',
  '#111417',
]

const systemFont = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif'
const monospace = 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Noto Sans Mono", "Liberation Mono", monospace'

export const theme = createTheme({
  colors: { petrol, dark: graphite },
  primaryColor: 'petrol',
  primaryShade: { light: 7, dark: 6 },
  fontFamily: systemFont,
  fontFamilyMonospace: monospace,
  fontSizes: { xs: '0.8125rem', sm: '0.875rem', md: '0.9375rem', lg: '1rem', xl: '1.125rem' },
  lineHeights: { xs: '1.4', sm: '1.45', md: '1.5', lg: '1.55', xl: '1.6' },
  spacing: { xs: '0.375rem', sm: '0.625rem', md: '0.875rem', lg: '1.25rem', xl: '2rem' },
  headings: {
    fontFamily: systemFont,
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '1.375rem', lineHeight: '1.3' },
      h2: { fontSize: '1.125rem', lineHeight: '1.35' },
      h3: { fontSize: '1rem', lineHeight: '1.4' },
      h4: { fontSize: '0.9375rem', lineHeight: '1.4' },
    },
  },
  defaultRadius: 'sm',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: 'sm' } },
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray' } },
    Tooltip: { defaultProps: { openDelay: 300, withArrow: true } },
    Modal: { defaultProps: { transitionProps: { duration: 0 }, closeButtonProps: { 'aria-label': 'Close' } } },
    Drawer: { defaultProps: { transitionProps: { duration: 120 }, closeButtonProps: { 'aria-label': 'Close' } } },
    Menu: { defaultProps: { transitionProps: { duration: 0 }, shadow: 'md' } },
    Popover: { defaultProps: { transitionProps: { duration: 0 }, shadow: 'md' } },
  },
})

/** Mantine's own grey for secondary text is 3.3:1; these keep 4.5:1 and more on every surface they stand on. */
const resolver: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-text': '#1c2126',
    '--mantine-color-dimmed': '#56606a',
    '--mantine-color-placeholder': '#68727c',
    '--mantine-color-error': '#b3261e',
    '--surface': '#ffffff',
    '--surface-sunk': '#f5f6f7',
    '--line': '#dfe3e6',
    '--line-strong': '#8b949c',
    '--accent': '#0a6c74',
    '--accent-soft': '#e3f3f4',
    '--good': '#1a7a3c',
    '--warn': '#8a5a00',
    '--bad': '#b3261e',
    '--added': '#d5f0dc',
    '--removed': '#fbdedb',
    '--mark-1': '#ffe9a8',
    '--mark-2': '#ffd0b0',
    '--mark-3': '#cfe3ff',
  },
  dark: {
    '--mantine-color-body': '#171b1f',
    '--mantine-color-text': '#dfe3e7',
    '--mantine-color-dimmed': '#a3abb3',
    '--mantine-color-placeholder': '#98a1aa',
    '--mantine-color-error': '#ff9a91',
    '--surface': '#171b1f',
    '--surface-sunk': '#111417',
    '--line': '#30373d',
    '--line-strong': '#69737c',
    '--accent': '#5fbac2',
    '--accent-soft': '#12353a',
    '--good': '#6fcf8e',
    '--warn': '#e6b450',
    '--bad': '#ff9a91',
    '--added': '#173f25',
    '--removed': '#4f2220',
    '--mark-1': '#5c4a08',
    '--mark-2': '#663413',
    '--mark-3': '#1c3f6e',
  },
})

/** The nonce that the server wrote into the page; empty in development, where no policy is set. */
export function styleNonce(): string {
  const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? ''
  return nonce.startsWith('__') ? '' : nonce
}

const schemes = localStorageColorSchemeManager({ key: 'plumbline-color-scheme' })

/** Around everything: theme, style nonce, and the remembered colour scheme. */
export function Look({ children }: { children: ReactNode }) {
  return (
    <MantineProvider
      theme={theme}
      colorSchemeManager={schemes}
      defaultColorScheme="auto"
      cssVariablesResolver={resolver}
      getStyleNonce={styleNonce}
      deduplicateInlineStyles
    >
      {children}
    </MantineProvider>
  )
}

/** The look: one accent colour, system fonts, dense controls; light and dark as the system says or the person chose. */
import {
  type CSSVariablesResolver,
  createTheme,
  localStorageColorSchemeManager,
  type MantineColorsTuple,
  MantineProvider,
} from '@mantine/core'
// In a layer: what our own style sheets say wins, whatever the order in which they are loaded.
import '@mantine/core/styles.layer.css'
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

// What stands for trouble, success and care: as with petrol, shades 6 and 7 carry white text.
const red: MantineColorsTuple = [
  '#fdecea',
  '#fad5d1',
  '#f3aba4',
  '#ec8077',
  '#e55f54',
  '#d9463b',
  '#c5352b',
  '#b3261e',
  '#921d16',
  '#71150f',
]
const green: MantineColorsTuple = [
  '#e8f6ec',
  '#cfead7',
  '#a1d5b0',
  '#71c088',
  '#4cae69',
  '#33964f',
  '#24803f',
  '#1a6f34',
  '#145a29',
  '#0e451f',
]
const yellow: MantineColorsTuple = [
  '#fdf3e0',
  '#f9e4bd',
  '#f1cb84',
  '#e8b14b',
  '#d99a25',
  '#b87f14',
  '#9a6a0c',
  '#855a06',
  '#6b4803',
  '#523602',
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
  colors: { petrol, red, green, yellow, dark: graphite },
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
    Badge: { defaultProps: { variant: 'light', radius: 'sm', tt: 'none', fw: 500 } },
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
    '--shade': '#1c212633',
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
    '--shade': '#000000b0',
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
  // The scroll lock under dialogs writes a <style> too and looks for its nonce under this name, bundler or not.
  Reflect.set(globalThis, '__webpack_nonce__', styleNonce() || undefined)
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

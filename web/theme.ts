// The look as data: neutral greys, one deep-teal accent, and the semantic colours. Both themes keep
// text at AA contrast on every surface they put it on; CSS reads the result as --hub-* variables.

import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core';

const teal: MantineColorsTuple = [
  '#eef9f7',
  '#d5f0ec',
  '#a9e0d8',
  '#77ccc1',
  '#45b3a7',
  '#23988d',
  '#147a72',
  '#0e655f',
  '#0b524d',
  '#083d3a',
];

const gray: MantineColorsTuple = [
  '#f8f9fa',
  '#f1f3f4',
  '#e5e8ea',
  '#d6dade',
  '#bcc3c9',
  '#939ca4',
  '#646e76',
  '#4a535a',
  '#2f363b',
  '#1a1f23',
];

const dark: MantineColorsTuple = [
  '#e3e6e8',
  '#c3c9cd',
  '#98a2a9',
  '#6b757c',
  '#394147',
  '#2b3237',
  '#1d2226',
  '#131719',
  '#0e1113',
  '#090b0c',
];

const red: MantineColorsTuple = [
  '#fdf0ef',
  '#fadbd8',
  '#f5b7b1',
  '#ff8f86',
  '#ef6a60',
  '#dc4a40',
  '#c4342b',
  '#b3261e',
  '#8f1d17',
  '#6b1511',
];

const quick = { transition: 'fade', duration: 100 } as const;

export const theme = createTheme({
  primaryColor: 'teal',
  primaryShade: { light: 7, dark: 6 },
  colors: { teal, gray, dark, red },
  white: '#ffffff',
  black: '#1a1f23',
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif',
  fontFamilyMonospace:
    'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace',
  fontSizes: { xs: '0.75rem', sm: '0.875rem', md: '0.875rem', lg: '1rem', xl: '1.25rem' },
  defaultRadius: 8,
  respectReducedMotion: true,
  cursorType: 'pointer',
  components: {
    Badge: { defaultProps: { tt: 'none' } },
    Menu: {
      defaultProps: {
        shadow: 'none',
        transitionProps: quick,
        withinPortal: false,
        // It would be a child of the menu that is no item.
        withInitialFocusPlaceholder: false,
      },
    },
    ModalRoot: { defaultProps: { shadow: 'none', transitionProps: quick, centered: true } },
    Notification: { defaultProps: { closeButtonProps: { 'aria-label': 'Close' } } },
    Popover: { defaultProps: { shadow: 'none', transitionProps: quick } },
    SegmentedControl: { defaultProps: { transitionDuration: 100, withItemsBorders: false } },
    Tabs: { defaultProps: { keepMounted: false } },
  },
});

export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#5a636b',
    '--mantine-color-placeholder': '#646e76',
    '--mantine-color-error': '#b3261e',
    '--hub-surface': '#f8f9fa',
    '--hub-border': '#e0e4e7',
    '--hub-accent-text': '#0e655f',
    '--hub-accent-soft': '#e4f4f1',
    '--hub-good': '#1c6b3c',
    '--hub-warn': '#7f4c00',
    '--hub-warn-soft': '#fdf3df',
    '--hub-bad': '#b3261e',
    '--hub-bad-soft': '#fcebea',
  },
  dark: {
    '--mantine-color-dimmed': '#9ba5ac',
    '--mantine-color-placeholder': '#8d979e',
    '--mantine-color-error': '#ff8f86',
    '--hub-surface': '#191d20',
    '--hub-border': '#2d3439',
    '--hub-accent-text': '#5cc4b8',
    '--hub-accent-soft': '#12312e',
    '--hub-good': '#6bcf92',
    '--hub-warn': '#e9b45c',
    '--hub-warn-soft': '#33270f',
    '--hub-bad': '#ff8f86',
    '--hub-bad-soft': '#3a1a18',
  },
});

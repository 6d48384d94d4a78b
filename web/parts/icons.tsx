// The few icons of the pages, drawn on a 16-unit grid with the current text colour. They say
// nothing to a screen reader: the control around an icon carries the name.

import type { ReactNode } from 'react';

function icon(shape: ReactNode) {
  return () => (
    <svg
      className="icon"
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {shape}
    </svg>
  );
}

export const OverviewIcon = icon(
  <path d="M2.5 2.5h4.5v5h-4.5zM9 2.5h4.5v3h-4.5zM9 8h4.5v5.5h-4.5zM2.5 10h4.5v3.5h-4.5z" />,
);
export const ActivityIcon = icon(<path d="M1.5 8.5h3l2-5.5 3 10 2-4.5h3" />);
export const KeysIcon = icon(
  <>
    <circle cx="5" cy="11" r="2.75" />
    <path d="m7 9 6-6.5m-2.25 2.5 2 2" />
  </>,
);
export const ProviderKeysIcon = icon(
  <>
    <path d="M2.5 7.5h11v6h-11zM5 7.5v-2a3 3 0 0 1 6 0v2" />
    <path d="M8 10v1.25" />
  </>,
);
export const ModelsIcon = icon(
  <path d="m8 2 5.5 3-5.5 3-5.5-3zM2.5 8.25l5.5 3 5.5-3M2.5 11.25l5.5 3 5.5-3" />,
);
export const SunIcon = icon(
  <>
    <circle cx="8" cy="8" r="2.75" />
    <path d="M8 1.5v1M8 13.5v1M1.5 8h1M13.5 8h1" />
    <path d="M3.4 3.4l.7.7M11.9 11.9l.7.7M12.6 3.4l-.7.7M4.1 11.9l-.7.7" />
  </>,
);
export const MoonIcon = icon(<path d="M13.5 9.5a5.8 5.8 0 0 1-7-7 5.8 5.8 0 1 0 7 7z" />);
export const AutoIcon = icon(<path d="M2 3h12v8.5h-12zM5.5 14h5" />);
export const PersonIcon = icon(
  <>
    <circle cx="8" cy="5.5" r="2.75" />
    <path d="M2.75 14c.5-3 2.5-4.25 5.25-4.25s4.75 1.25 5.25 4.25" />
  </>,
);
export const MembersIcon = icon(
  <>
    <circle cx="6" cy="5.5" r="2.5" />
    <path d="M1.5 13.5c.4-2.75 2-4 4.5-4s4.1 1.25 4.5 4M10.5 3.25a2.5 2.5 0 0 1 0 4.5M12 9.9c1.5.6 2.3 1.8 2.5 3.6" />
  </>,
);
export const SettingsIcon = icon(
  <>
    <path d="M2 4.5h6M12 4.5h2M2 11.5h2M8 11.5h6" />
    <circle cx="10" cy="4.5" r="2" />
    <circle cx="6" cy="11.5" r="2" />
  </>,
);
export const ScalesIcon = icon(
  <path d="M8 2v11.5M5 13.5h6M3 4.5h10M3 4.5l-1.75 4.5h3.5zM13 4.5l-1.75 4.5h3.5z" />,
);
export const ReviewIcon = icon(<path d="M3 2.5h10v11H3zM5.5 5.5h5M5.5 8h5M5.5 10.5h2.5" />);
export const PriceIcon = icon(<path d="M2.5 2.5h5.5l5.5 5.5-5.5 5.5-5.5-5.5zM5.25 5.25h.01" />);
export const MailIcon = icon(<path d="M2 3.5h12v9h-12zM2 4.5l6 4.5 6-4.5" />);
export const WorkspaceIcon = icon(
  <path d="M2.5 13.5v-11h7v11M9.5 6.5h4v7M1.5 13.5h13M5 5.5h2M5 8h2M5 10.5h2" />,
);
export const ApiIcon = icon(<path d="m5 4-3.5 4L5 12M11 4l3.5 4-3.5 4M9.25 2.5l-2.5 11" />);
export const DownIcon = icon(<path d="m4.5 6.5 3.5 3.5 3.5-3.5" />);
export const PlusIcon = icon(<path d="M8 3v10M3 8h10" />);
export const CopyIcon = icon(<path d="M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3" />);
export const CheckIcon = icon(<path d="m3 8.5 3.5 3.5 6.5-8" />);
export const CloseIcon = icon(<path d="m3.5 3.5 9 9m0-9-9 9" />);
export const SearchIcon = icon(
  <>
    <circle cx="7" cy="7" r="4.5" />
    <path d="m10.5 10.5 3.5 3.5" />
  </>,
);

// The mark: two callers meet one hub, one line goes on.

export function Logo() {
  return (
    <svg className="logo" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="#0f665f" />
      <g fill="none" stroke="#fff" strokeWidth="2.5" strokeLinecap="round">
        <path d="M8 9.5h3.5L16 16l-4.5 6.5H8M24 16h-8" />
      </g>
      <circle cx="16" cy="16" r="3" fill="#fff" />
    </svg>
  );
}

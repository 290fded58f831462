export function Logo() {
  return (
    <svg class="logo" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect class="logo-tile" x="3" y="3" width="12" height="12" rx="2.5" />
      <rect class="logo-tile" x="17" y="3" width="12" height="12" rx="2.5" />
      <rect class="logo-tile" x="3" y="17" width="12" height="12" rx="2.5" />
      <rect class="logo-live" x="17" y="17" width="12" height="12" rx="2.5" />
      <path class="logo-play" d="M21 20v6l5-3z" />
    </svg>
  );
}

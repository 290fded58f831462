import type { StatusName } from "../state/status";

// 24×24 outlines, drawn for this app. Each state has a shape of its own, so that colour is never the only sign.
const paths = {
  empty: "M12 6v12M6 12h12",
  connecting: "M12 4a8 8 0 1 1-7.4 5",
  live: "M8 5.5v13l11-6.5z",
  stale: "M12 3.5 22 20.5H2zM12 10v5M12 17.6v.4",
  refused: "M7 11V8a5 5 0 0 1 10 0v3M5 11h14v9H5z",
  unsupported: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM5.6 5.6l12.8 12.8",
  limit: "M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z",
  evicted: "M10 4H4v16h6M9 12h12m-4-4 4 4-4 4",
  ended: "M6 6h12v12H6z",
  close: "M6 6l12 12M18 6 6 18",
  star: "m12 3.5 2.6 5.5 6 .8-4.4 4.2 1.1 6L12 17l-5.300 3 1.100-6L3.400 9.800l6-.8z",
  swap: "M4 8h14l-4-4M20 16H6l4 4",
  enlarge: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
  shrink: "M9 4v5H4M15 4v5h5M9 20v-5H4M15 20v-5h5",
  sound: "M4 9v6h4l5 4V5L8 9zM16 9a4 4 0 0 1 0 6M18.500 6.500a8 8 0 0 1 0 11",
  muted: "M4 9v6h4l5 4V5L8 9zM16 9.500l5 5M21 9.500l-5 5",
  window: "M14 4h6v6M20 4l-9 9M18 14v6H4V6h6",
  cameras: "M3 7h12v10H3zM15 11l6-3.500v9L15 13z",
  unknown:
    "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM9.500 9.500a2.500 2.500 0 1 1 3.500 2.300c-.700.300-1 .900-1 1.700M12 16.700v.3",
  done: "M4 12.500 9.500 18 20 6.500",
  menu: "M4 6h16M4 12h16M4 18h16",
  keys: "M3 6h18v12H3zM7 10h.01M11 10h.01M15 10h.01M8 14h8",
  out: "M10 4H4v16h6M9 12h12m-4-4 4 4-4 4",
  eye: "M2 12s4-7 10-7 10 7 10 7-4 7-10 7-10-7-10-7zM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z",
  eyeOff: "M2 12s4-7 10-7 10 7 10 7-4 7-10 7-10-7-10-7zM4 20 20 4",
  search: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16 16l5 5",
  unlinked:
    "M9 15 4.500 19.500M15 9l4.500-4.500M8 8l-3 3a4 4 0 0 0 0 5M16 16l3-3a4 4 0 0 0 0-5M9 4v3M4 9h3M15 20v-3M20 15h-3",
} as const;

export type IconName = keyof typeof paths;

const solid = new Set<IconName>(["live", "ended"]);

export function Icon({ name, filled }: { name: IconName | StatusName; filled?: boolean }) {
  return (
    <svg
      class={filled || solid.has(name) ? "icon icon-solid" : "icon"}
      viewBox="0 0 24 24"
      aria-hidden="true"
      focusable="false"
    >
      <path d={paths[name]} />
    </svg>
  );
}

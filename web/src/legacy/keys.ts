/** What the keys of remote controls and keyboards mean here. */
export type Key = "up" | "down" | "left" | "right" | "ok" | "back" | "next" | "previous" | "sound" | `${number}`;

// By keyCode, the only thing that old browsers tell. 461 is Back on webOS and HbbTV, 10009 on Tizen; 427 and 428 are the channel keys.
const keys: Record<number, Key> = {
  8: "back",
  13: "ok",
  27: "back",
  33: "previous",
  34: "next",
  37: "left",
  38: "up",
  39: "right",
  40: "down",
  77: "sound",
  427: "next",
  428: "previous",
  461: "back",
  10009: "back",
};

export function keyOf(event: KeyboardEvent): Key | undefined {
  if (event.ctrlKey || event.altKey || event.metaKey) return undefined;
  const code = event.keyCode;
  if (code >= 48 && code <= 57) return `${code - 48}`;
  if (code >= 96 && code <= 105) return `${code - 96}`;
  return keys[code];
}

export function isDigit(key: Key): boolean {
  return key.length === 1;
}

import type { Wall } from "../state/wall";

export interface KeyActions {
  pick: (query: string) => void;
  help: () => void;
  enlarge: () => void;
  shrink: () => void;
}

const arrows = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down" } as const;

/** Does what a key means on the wall; true if it meant something. Letters go by their place, so that ru and en keyboards do the same. */
export function press(event: KeyboardEvent, wall: Wall, act: KeyActions): boolean {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return false;
  const arrow = arrows[event.key as keyof typeof arrows];
  if (arrow) {
    wall.move(arrow);
    return true;
  }
  if (/^[0-9]$/.test(event.key)) {
    wall.digit(event.key);
    return true;
  }
  const typing = wall.digits.value !== "";
  switch (event.key) {
    case "Enter":
      if (!typing) act.pick("");
      else if (!wall.callNumber()) act.pick(wall.digits.value);
      return true;
    case "Escape":
      if (typing) wall.forgetDigits();
      else act.shrink();
      return true;
    case "Backspace":
    case "Delete":
      if (typing) wall.forgetDigits();
      else if (!event.repeat) wall.close(wall.selected.value);
      return true;
    case "?":
      act.help();
      return true;
  }
  switch (event.code) {
    case "KeyF":
      act.enlarge();
      return true;
    case "KeyM":
      wall.hear(wall.selected.value);
      return true;
    case "KeyR":
      wall.wake(wall.selected.value);
      return true;
    case "KeyW":
      wall.tryWebRTC(wall.selected.value);
      return true;
    case "Slash":
      act.pick("");
      return true;
  }
  if (event.key.length === 1 && /\p{L}/u.test(event.key)) {
    act.pick(event.key);
    return true;
  }
  return false;
}

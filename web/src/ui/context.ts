import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { type Dict, dicts } from "../i18n";
import type { Desk } from "../state/desk";
import type { Room } from "../state/room";
import { useStore } from "./hooks";

export const DeskContext = createContext<Desk | undefined>(undefined);
export const RoomContext = createContext<Room | undefined>(undefined);

export function useDesk(): Desk {
  return given(useContext(DeskContext), "DeskContext");
}

export function useRoom(): Room {
  return given(useContext(RoomContext), "RoomContext");
}

/** The words of the present language. */
export function useDict(): Dict {
  return dicts[useStore(useDesk().text.language)];
}

function given<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new Error(`${name} is missing`);
  return value;
}

import { useEffect, useRef, useState } from "preact/hooks";
import { Announcer } from "../ui/Announcer";
import { Banner } from "../ui/Banner";
import { Bar } from "../ui/Bar";
import { useDict, useRoom } from "../ui/context";
import { Help } from "../ui/Help";
import { useStore } from "../ui/hooks";
import { press } from "../ui/keys";
import { Overview } from "../ui/Overview";
import { Picker } from "../ui/Picker";
import { Tile } from "../ui/Tile";

type Open = { what: "picker"; tile: number | undefined; query: string } | { what: "help" } | undefined;

/** The operator's wall: tiles in places that never move, one of them selected. */
export function Wall() {
  const room = useRoom();
  const { wall } = room;
  const t = useDict();
  const [open, setOpen] = useState<Open>();
  const root = useRef<HTMLDivElement>(null);
  const selected = useStore(wall.selected);
  const enlarged = useStore(wall.enlarged);

  const close = () => setOpen(undefined);
  const pick = (tile: number | undefined, query = "") => setOpen({ what: "picker", tile, query });
  const enlarge = (index: number) => {
    if (wall.enlarged.value === index) return shrink();
    wall.enlarge(index);
    // Where the browser has no full screen or refuses it, the tile still fills the page.
    void root.current?.requestFullscreen?.().catch(() => {});
  };
  const shrink = () => {
    wall.enlarge(undefined);
    if (document.fullscreenElement) void document.exitFullscreen();
  };

  useEffect(() => {
    const key = (event: KeyboardEvent) => {
      if (event.target instanceof Element && event.target.closest("input, textarea, select, dialog")) return;
      const onControl = event.target instanceof Element && event.target.closest("button, a");
      if (onControl && (event.key === "Enter" || event.key === " ")) return;
      const index = wall.selected.value;
      const done = press(event, wall, {
        pick: (query) => pick(index, query),
        help: () => setOpen({ what: "help" }),
        enlarge: () => enlarge(index),
        shrink,
      });
      if (done) event.preventDefault();
    };
    const screen = () => {
      if (!document.fullscreenElement) wall.enlarge(undefined);
    };
    document.addEventListener("keydown", key);
    document.addEventListener("fullscreenchange", screen);
    return () => {
      document.removeEventListener("keydown", key);
      document.removeEventListener("fullscreenchange", screen);
    };
  }, [wall]);

  useEffect(() => {
    room.attend();
    return () => room.depart();
  }, [room]);

  const only = wall.single ? wall.tiles[0]?.state.value.camera?.name : undefined;
  useEffect(() => {
    document.title = only ? `${only} · ${t.title}` : t.title;
  }, [only, t]);

  const shape = wall.single ? "wall wall-single" : enlarged === undefined ? "wall" : "wall wall-enlarged";
  return (
    <div class="page" ref={root}>
      {enlarged === undefined && <Bar onCameras={() => pick(undefined)} onHelp={() => setOpen({ what: "help" })} />}
      <Banner />
      <main class={shape}>
        {wall.tiles.map((tile) => (
          <div key={tile.index} class={enlarged !== undefined && enlarged !== tile.index ? "cell cell-behind" : "cell"}>
            <Tile
              tile={tile}
              selected={selected === tile.index}
              enlarged={enlarged === tile.index}
              onPick={() => pick(tile.index)}
              onEnlarge={() => enlarge(tile.index)}
            />
          </div>
        ))}
      </main>
      {enlarged !== undefined && !wall.single && <Overview />}
      <Announcer />
      {open?.what === "picker" && <Picker tile={open.tile} query={open.query} onClose={close} />}
      {open?.what === "help" && <Help onClose={close} />}
    </div>
  );
}

import { useEffect, useRef, useState } from "preact/hooks";
import type { Camera } from "../api/types";
import { search } from "../state/catalogue";
import { newWindowAddress } from "../state/room";
import { useDict, useRoom } from "./context";
import { Dialog } from "./Dialog";
import { useStore } from "./hooks";
import { Icon } from "./Icon";

const mostRows = 200; // of a longer list the search finds the rest

interface PickerProps {
  /** What was typed to get here. */
  query: string;
  /** The tile that the camera goes to; nothing: wherever there is room. */
  tile: number | undefined;
  onClose: () => void;
}

/** Chooses a camera, by search, keyboard or mouse; into a tile, or into a window of its own. */
export function Picker({ query: first, tile, onClose }: PickerProps) {
  const { catalogue, wall } = useRoom();
  const t = useDict();
  const { cameras, favourites, phase } = useStore(catalogue.state);
  const [query, setQuery] = useState(first);
  const [at, setAt] = useState(0);
  const input = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const target = tile ?? wall.target();

  useEffect(() => {
    input.current?.focus();
    void catalogue.load(); // grants change while the wall stands
  }, []);

  const found = search(cameras, query);
  const rows = found.slice(0, mostRows);
  const current = rows[Math.min(at, rows.length - 1)];

  useEffect(() => {
    list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [at, query]);

  function choose(camera: Camera, where: "here" | "window"): void {
    onClose();
    if (where === "window") window.open(newWindowAddress(camera.id), "_blank", "noopener");
    else if (tile === undefined) wall.callAnywhere(camera);
    else wall.call(tile, camera);
  }

  function key(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      setAt(Math.max(0, Math.min(rows.length - 1, Math.min(at, rows.length - 1) + step)));
    } else if (event.key === "Enter" && current) {
      event.preventDefault();
      choose(current, event.ctrlKey || event.metaKey ? "window" : "here");
    }
  }

  return (
    <Dialog label={t.picker.heading(target + 1)} class="picker" onClose={onClose}>
      <header class="dialog-head">
        <h2>{wall.single ? t.picker.headingSingle : t.picker.heading(target + 1)}</h2>
        <button type="button" class="button-icon" aria-label={t.close} title={t.close} onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      <div class="search">
        <Icon name="search" />
        <input
          ref={input}
          type="text"
          enterkeyhint="go"
          role="combobox"
          aria-expanded="true"
          aria-controls="cameras"
          aria-activedescendant={current ? `camera-${current.id}` : undefined}
          aria-label={t.picker.search}
          placeholder={t.picker.search}
          autocomplete="off"
          spellcheck={false}
          value={query}
          onInput={(event) => {
            setQuery(event.currentTarget.value);
            setAt(0);
          }}
          onKeyDown={key}
        />
      </div>
      <div class="rows" id="cameras" role="listbox" aria-label={t.bar.cameras} ref={list}>
        {rows.map((camera, i) => (
          <Row
            key={camera.id}
            camera={camera}
            current={camera === current}
            starred={favourites.has(camera.id)}
            onPoint={() => setAt(i)}
            onChoose={(where) => choose(camera, where)}
          />
        ))}
        {phase === "loading" && <p class="note">{t.picker.loading}</p>}
        {phase !== "loading" && cameras.length === 0 && <p class="note">{t.picker.empty}</p>}
        {cameras.length > 0 && rows.length === 0 && <p class="note">{t.picker.none}</p>}
        {found.length > rows.length && <p class="note">{t.picker.more(found.length - rows.length)}</p>}
      </div>
      <footer class="dialog-foot">
        <span class="keys-hint">{t.picker.hint}</span>
        <span role="status">{t.picker.found(found.length)}</span>
      </footer>
    </Dialog>
  );
}

interface RowProps {
  camera: Camera;
  current: boolean;
  starred: boolean;
  onPoint: () => void;
  onChoose: (where: "here" | "window") => void;
}

function Row({ camera, current, starred, onPoint, onChoose }: RowProps) {
  const { catalogue, wall, user } = useRoom();
  const t = useDict();
  const there = wall.tiles.find((tile) => tile.state.value.camera?.id === camera.id);
  const star = starred ? t.picker.unstar : t.picker.star;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the search field above has the keyboard and says which row is meant
    <div
      class="row"
      role="option"
      id={`camera-${camera.id}`}
      aria-selected={current}
      tabIndex={-1}
      data-camera={camera.id}
      onMouseMove={onPoint}
      onClick={(event) => onChoose(event.ctrlKey || event.metaKey ? "window" : "here")}
    >
      <span class="number">{camera.number}</span>
      <span class="names">
        <span class="name">{camera.name}</span>
        {camera.location && <span class="location">{camera.location}</span>}
      </span>
      {there && !wall.single && <span class="there">{t.picker.onWall(there.index + 1)}</span>}
      {user.kind !== "device" && (
        <button
          type="button"
          class={starred ? "button-icon starred" : "button-icon"}
          title={star}
          aria-label={star}
          aria-pressed={starred}
          data-tool="star"
          onClick={(event) => {
            event.stopPropagation();
            void catalogue.toggle(camera.id);
          }}
        >
          <Icon name="star" filled={starred} />
        </button>
      )}
      <button
        type="button"
        class="button-icon"
        title={t.picker.newWindow}
        aria-label={t.picker.newWindow}
        data-tool="window"
        onClick={(event) => {
          event.stopPropagation();
          onChoose("window");
        }}
      >
        <Icon name="window" />
      </button>
    </div>
  );
}

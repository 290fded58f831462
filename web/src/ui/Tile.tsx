import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { newWindowAddress } from "../state/room";
import type { Tile as TileModel } from "../state/tile";
import { useDict, useRoom } from "./context";
import { useStore } from "./hooks";
import { Icon } from "./Icon";
import { StatusPill, Trouble } from "./Status";
import { Delay, Fallback } from "./Transport";

export interface TileProps {
  tile: TileModel;
  selected: boolean;
  enlarged: boolean;
  onPick: () => void;
  onEnlarge: () => void;
}

/** One place on the wall: the picture, what is wrong with it, and a caption that always names camera and state. */
export function Tile({ tile, selected, enlarged, onPick, onEnlarge }: TileProps) {
  const { wall } = useRoom();
  const t = useDict();
  const { camera, status, picture, transport, fallback } = useStore(tile.state);
  const root = useRef<HTMLElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const kept = useRef<HTMLCanvasElement>(null);

  useEffect(() => {
    if (video.current && kept.current) tile.mount(video.current, kept.current);
    return () => tile.unmount();
  }, [tile]);

  // The keyboard's selection and the browser's focus are one thing, unless somebody writes elsewhere.
  useLayoutEffect(() => {
    const active = document.activeElement;
    const free = active === document.body || active === null || active.closest(".tile") !== null;
    // The selection may have moved on since this was drawn: to focus this tile now would select it again.
    const still = wall.selected.value === tile.index;
    if (selected && still && free && !root.current?.contains(active)) root.current?.focus({ preventScroll: true });
  }, [selected]);

  const name = camera ? camera.name || camera.id : t.tile.empty;
  const what = `${t.tile.label(tile.index + 1)}, ${camera ? `${camera.number || ""} ${name}, ` : ""}${t.tile[status.name]}`;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the wall listens to the keyboard for whichever tile is selected
    <section
      ref={root}
      class={`tile ${selected ? "tile-selected" : ""}`}
      tabIndex={selected ? 0 : -1}
      aria-label={what}
      data-tile={tile.index}
      data-view={tile.view}
      data-camera={camera?.id ?? ""}
      data-state={status.name}
      data-code={status.code ?? ""}
      data-picture={picture}
      data-transport={transport ?? ""}
      data-why={fallback?.code ?? ""}
      onFocus={() => wall.selected.set(tile.index)}
      onClick={() => {
        wall.selected.set(tile.index);
        if (status.name === "empty") onPick();
      }}
      onDblClick={(event) => {
        if (camera && !(event.target as Element).closest("button, a")) onEnlarge();
      }}
    >
      <div class="stage">
        <video ref={video} class="picture" autoplay muted playsInline disablePictureInPicture />
        <canvas ref={kept} class="picture still" width="0" height="0" />
        {status.name === "empty" ? <Empty /> : <Trouble tile={tile} />}
        <Fallback tile={tile} />
        {selected && <TypedNumber />}
      </div>
      <footer class="caption">
        <span class="number" aria-hidden="true">
          {camera ? camera.number || "—" : tile.index + 1}
        </span>
        <span class="names">
          <span class="name">{name}</span>
          {camera?.location && <span class="location">{camera.location}</span>}
        </span>
        {camera && <Tools tile={tile} enlarged={enlarged} onPick={onPick} onEnlarge={onEnlarge} />}
        <Delay tile={tile} />
        <StatusPill status={status} />
      </footer>
    </section>
  );
}

function Empty() {
  const t = useDict();
  return (
    <div class="empty">
      <Icon name="empty" />
      <span class="empty-title">{t.tile.open}</span>
      <span class="empty-hint">{t.tile.emptyHint}</span>
    </div>
  );
}

/** The digits typed so far, large, with the camera that they mean. */
function TypedNumber() {
  const { wall, catalogue } = useRoom();
  const t = useDict();
  const digits = useStore(wall.digits);
  if (digits === "") return null;
  const camera = catalogue.byNumber(Number(digits));
  return (
    <div class="typed" role="status">
      <span class="typed-number">{digits}</span>
      <span class="typed-name">{camera ? camera.name : t.tile.numberUnknown}</span>
      {camera && <span class="typed-hint">{t.tile.numberEnter}</span>}
    </div>
  );
}

interface ToolsProps {
  tile: TileModel;
  enlarged: boolean;
  onPick: () => void;
  onEnlarge: () => void;
}

function Tools({ tile, enlarged, onPick, onEnlarge }: ToolsProps) {
  const { wall } = useRoom();
  const t = useDict();
  const { camera, audio } = useStore(tile.state);
  const heard = useStore(wall.heard) === tile.index;
  const open = () => {
    if (camera) window.open(newWindowAddress(camera.id), "_blank", "noopener");
  };
  return (
    <span class="tools">
      {audio && (
        <Tool
          icon={heard ? "sound" : "muted"}
          label={heard ? t.tile.soundOff : t.tile.soundOn}
          pressed={heard}
          act={() => wall.hear(tile.index)}
        />
      )}
      <Tool icon="swap" label={t.tile.change} act={onPick} />
      {!wall.single && <Tool icon="window" label={t.tile.newWindow} act={open} />}
      <Tool icon={enlarged ? "shrink" : "enlarge"} label={enlarged ? t.tile.shrink : t.tile.enlarge} act={onEnlarge} />
      <Tool icon="close" label={t.tile.closeTile} act={() => wall.close(tile.index)} />
    </span>
  );
}

interface ToolProps {
  icon: Parameters<typeof Icon>[0]["name"];
  label: string;
  pressed?: boolean;
  act: () => void;
}

function Tool({ icon, label, pressed, act }: ToolProps) {
  return (
    <button
      type="button"
      class="button-icon"
      title={label}
      aria-label={label}
      {...(pressed === undefined ? {} : { "aria-pressed": pressed })}
      data-tool={icon}
      onClick={(event) => {
        event.stopPropagation();
        act();
      }}
      onKeyDown={(event) => {
        // Enter and the space bar press this button; they don't reach the wall, where Enter chooses a camera.
        if (event.key === "Enter" || event.key === " ") event.stopPropagation();
      }}
    >
      <Icon name={icon} />
    </button>
  );
}

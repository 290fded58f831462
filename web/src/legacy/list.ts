import type { Camera } from "../api/types";
import type { Clock } from "../base/clock";
import { type Dict, languages, type Text, words } from "../i18n";
import type { Catalogue } from "../state/catalogue";
import { Digits } from "./digits";
import { button, el, empty, fill, step } from "./dom";
import { isDigit, type Key } from "./keys";
import type { Screen } from "./screen";

export interface ListOptions {
  catalogue: Catalogue;
  text: Text;
  clock: Clock;
  /** The camera to begin at: the one that was watched last. */
  at: string;
  open: (camera: Camera) => void;
  signOut: () => void;
}

const page = 8; // rows

/** Chooses a camera, by arrows and OK or by its number. */
export class List implements Screen {
  readonly root = el("div", { class: "list" });
  readonly #o: ListOptions;
  readonly #typed = el("div", { class: "typed", attributes: { role: "status" } });
  readonly #digits: Digits;
  readonly #undo: () => void;
  #rows: HTMLElement[] = [];
  #bar: HTMLElement[] = [];
  #at: string;

  constructor(options: ListOptions) {
    this.#o = options;
    this.#at = options.at;
    this.#digits = new Digits(options.clock, () => this.#showDigits());
    this.speak(options.text.dict);
    this.#undo = options.catalogue.state.subscribe(() => this.#draw());
  }

  shown(): void {
    this.#focus();
    void this.#o.catalogue.load(); // grants change
  }

  gone(): void {
    this.#digits.forget();
    this.#undo();
  }

  key(key: Key): boolean {
    if (isDigit(key)) {
      this.#digits.add(key);
      return true;
    }
    const inBar = this.#bar.indexOf(document.activeElement as HTMLElement) >= 0;
    switch (key) {
      case "up":
      case "down":
        this.#upDown(key === "down" ? 1 : -1, inBar);
        return true;
      case "left":
      case "right":
        if (inBar) step(this.#bar, key === "right" ? 1 : -1);
        return true;
      case "previous":
      case "next":
        step(this.#rows, key === "next" ? page : -page);
        return true;
      case "ok":
        return this.#callNumber();
      case "back":
        if (this.#digits.typed === "") return false;
        this.#digits.forget();
        return true;
    }
    return false;
  }

  speak(_: Dict): void {
    this.#draw();
  }

  #upDown(by: number, inBar: boolean): void {
    const first = this.#rows.indexOf(document.activeElement as HTMLElement) === 0;
    if (inBar && by > 0) this.#rows[0]?.focus();
    else if (first && by < 0) this.#bar[0]?.focus();
    else if (!inBar) step(this.#rows, by);
  }

  /** OK after digits calls that camera; else it presses whatever has the focus, which the browser does. */
  #callNumber(): boolean {
    const typed = this.#digits.typed;
    const number = this.#digits.take();
    if (number === undefined) return false;
    const camera = this.#o.catalogue.byNumber(number);
    if (camera) this.#o.open(camera);
    else this.#typed.textContent = `${typed} — ${this.#o.text.dict.tile.numberUnknown}`;
    return true;
  }

  #showDigits(): void {
    const { catalogue, text } = this.#o;
    const { typed } = this.#digits;
    const camera = typed === "" ? undefined : catalogue.byNumber(Number(typed));
    const name = camera ? `${camera.name} · ${text.dict.tile.numberEnter}` : text.dict.tile.numberUnknown;
    this.#typed.textContent = typed === "" ? "" : `${typed} — ${name}`;
  }

  #draw(): void {
    const { catalogue, text, signOut } = this.#o;
    const t = text.dict;
    const { cameras, favourites, phase, problem } = catalogue.state.value;
    const hadFocus = this.root.contains(document.activeElement);
    const inBar = this.#bar.indexOf(document.activeElement as HTMLElement);
    this.#rows = cameras.map((camera) => this.#row(camera, favourites.has(camera.id)));
    const others = languages.filter(({ id }) => id !== text.language.value);
    this.#bar = [
      ...others.map(({ id, name }) => button(name, () => text.choose(id), { lang: id })),
      button(t.bar.signOut, signOut, { "data-act": "sign-out" }),
    ];
    const rows = el("div", { class: "rows" }, ...this.#rows);
    if (phase === "loading") fill(rows, [el("p", { text: t.picker.loading })]);
    else if (phase === "failed") {
      const why = problem ? words(t, problem.code, problem.params) : "";
      fill(rows, [
        el("p", { text: `${t.banner.list} ${why}` }),
        button(t.banner.reload, () => void catalogue.load(), { "data-act": "reload" }),
      ]);
    } else if (cameras.length === 0) fill(rows, [el("p", { text: t.tile.noCameras })]);
    empty(this.root);
    fill(this.root, [
      el("div", { class: "bar" }, el("span", { class: "brand", text: t.title }), ...this.#bar),
      el("h1", { text: t.bar.cameras }),
      rows,
      this.#typed,
      el("p", { class: "hint", text: t.tv.listKeys }),
    ]);
    if (inBar >= 0) this.#bar[inBar]?.focus();
    else if (hadFocus) this.#focus();
  }

  #row(camera: Camera, starred: boolean): HTMLElement {
    const row = el(
      "button",
      { class: "row", click: () => this.#o.open(camera), attributes: { type: "button", "data-camera": camera.id } },
      el("span", { class: "number", text: String(camera.number) }),
      el("span", { class: "name", text: (starred ? "★ " : "") + camera.name }),
      el("span", { class: "location", text: camera.location ?? "" }),
    );
    row.onfocus = () => {
      this.#at = camera.id;
    };
    return row;
  }

  #focus(): void {
    const at = this.#rows.filter((row) => row.getAttribute("data-camera") === this.#at)[0];
    (at ?? this.#rows[0] ?? this.#bar[0])?.focus();
  }
}

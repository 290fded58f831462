import type { Clock } from "../base/clock";
import { type Dict, languages, type Text, words } from "../i18n";
import type { Session } from "../state/session";
import { button, el, empty, fill, step } from "./dom";
import type { Key } from "./keys";
import type { Screen } from "./screen";

export interface SignInOptions {
  session: Session;
  text: Text;
  clock: Clock;
  why: "ended" | "left" | undefined;
}

/** Asks who sits here. */
export class SignIn implements Screen {
  readonly root = el("form", { class: "signin", attributes: { method: "post", action: "#", novalidate: "" } });
  readonly #o: SignInOptions;
  readonly #login = el("input", {
    attributes: { id: "login", name: "username", autocomplete: "username", autocapitalize: "none" },
  }) as HTMLInputElement;
  readonly #password = el("input", {
    attributes: { id: "password", name: "password", type: "password", autocomplete: "current-password" },
  }) as HTMLInputElement;
  readonly #trouble = el("p", { class: "trouble", attributes: { id: "trouble", role: "alert" } });
  #complaint: (t: Dict) => string = () => "";
  #busy = false;
  #path: HTMLElement[] = [];

  constructor(options: SignInOptions) {
    this.#o = options;
    const { why } = options;
    if (why) this.#complaint = (t) => t.signIn[why];
    this.root.onsubmit = (event) => {
      event.preventDefault();
      void this.#submit();
    };
    this.speak(options.text.dict);
  }

  shown(): void {
    this.#login.focus();
  }

  gone(): void {}

  key(key: Key): boolean {
    if (key !== "up" && key !== "down") return false;
    step(this.#path, key === "down" ? 1 : -1);
    return true;
  }

  speak(t: Dict): void {
    const submit = el("button", {
      class: "main",
      text: this.#busy ? t.signIn.busy : t.signIn.submit,
      attributes: { type: "submit" },
    });
    const tongues = languages.map(({ id, name }) =>
      button(name, () => this.#o.text.choose(id), {
        lang: id,
        "aria-pressed": String(id === this.#o.text.language.value),
      }),
    );
    this.#path = [this.#login, this.#password, submit, ...tongues];
    this.#trouble.textContent = this.#complaint(t);
    empty(this.root);
    fill(this.root, [
      el("h1", { text: t.title }),
      el("label", { text: t.signIn.login, attributes: { for: "login" } }),
      this.#login,
      el("label", { text: t.signIn.password, attributes: { for: "password" } }),
      this.#password,
      this.#trouble,
      submit,
      el("div", { class: "tongues" }, ...tongues),
    ]);
  }

  async #submit(): Promise<void> {
    if (this.#busy) return;
    const login = this.#login.value.trim();
    if (login === "") return this.#say((t) => t.signIn.needLogin, this.#login);
    if (this.#password.value === "") return this.#say((t) => t.signIn.needPassword, this.#password);
    this.#busy = true;
    this.#say(() => "");
    const problem = await this.#o.session.signIn(login, this.#password.value);
    this.#busy = false;
    if (!problem) return; // the list takes this screen's place
    const { code, params, retryAfter } = problem;
    const wait = code === "auth.slow_down" ? retryAfter || 5 : 0;
    this.#say((t) => (wait > 0 ? t.signIn.wait(wait) : words(t, code, params)), this.#password);
  }

  #say(complaint: (t: Dict) => string, at?: HTMLInputElement): void {
    this.#complaint = complaint;
    this.speak(this.#o.text.dict);
    at?.focus();
    at?.select();
  }
}

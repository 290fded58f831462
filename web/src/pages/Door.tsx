import { useEffect, useRef, useState } from "preact/hooks";
import type { Problem } from "../api/client";
import type { User } from "../api/types";
import { browserClock } from "../base/clock";
import { dicts, words } from "../i18n";
import type { CodeWords } from "../i18n/area";
import { people } from "../i18n/codes/people";
import { doorWords } from "../i18n/door";
import { match } from "../route/where";
import { useDesk, useDict } from "../ui/context";
import { secondsUntil, useStore, useTicking } from "../ui/hooks";
import { Icon } from "../ui/Icon";
import { LanguageSwitch } from "../ui/LanguageSwitch";
import { Logo } from "../ui/Logo";

/** Where a screen on a wall is signed in by its code: typed, or brought along by the link. */
export default function Door() {
  const { session, router, post, text } = useDesk();
  const language = useStore(text.language);
  const t = doorWords[language];
  const dict = useDict();
  const state = useStore(session.state);
  const { path } = useStore(router.where);
  // What the link brought along: the code leaves the address at once, so that it is in no history.
  const [code, setCode] = useState("");
  const [left, setLeft] = useState<"no" | "leaving" | "left">("no");
  useEffect(() => {
    const brought = match("/device/:code", path)?.code;
    if (brought === undefined) return;
    setCode(brought);
    router.replace({ path: "/device", query: new URLSearchParams() });
  }, [path]);
  useEffect(() => {
    document.title = `${t.heading} · ${dict.title}`;
  }, [t, dict]);
  const user = state.phase === "in" ? state.user : undefined;
  const person = user !== undefined && user.kind !== "device" ? user : undefined;
  const leave = async () => {
    setLeft("leaving");
    await session.signOut(); // to its end: it takes the cookies away
    setLeft("left");
  };
  const ended = state.phase === "out" && state.why === "ended" && left === "no";
  return (
    <div class="signin">
      <main class="signin-box">
        <div class="signin-brand">
          <Logo />
          <span>{dict.title}</span>
        </div>
        {person || left === "leaving" ? (
          <section class="signin-form">
            <h1>{t.heading}</h1>
            <p class="note">{t.somebody(person?.name || person?.login || "")}</p>
            <button type="button" class="button-main" disabled={!person} data-act="leave" onClick={() => void leave()}>
              {t.leave}
            </button>
          </section>
        ) : (
          <CodeForm key={code} code={code} note={ended ? t.ended : t.text} screen={user} />
        )}
        {!user && left !== "leaving" && (
          <button
            type="button"
            class="signin-other"
            data-act="people"
            onClick={() => {
              post.release();
              router.go("/");
            }}
          >
            {t.people}
          </button>
        )}
        <LanguageSwitch />
      </main>
    </div>
  );
}

interface CodeFormProps {
  /** What the link brought along. */
  code: string;
  note: string;
  /** The screen that this browser is already. */
  screen: User | undefined;
}

type Trouble = "empty" | Problem;

function CodeForm({ code, note, screen }: CodeFormProps) {
  const { session, router, text } = useDesk();
  const language = useStore(text.language);
  const t = doorWords[language];
  const field = useRef<HTMLInputElement>(null);
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Trouble>();
  const [waitUntil, setWaitUntil] = useState(0);
  const wait = secondsUntil(waitUntil, browserClock.now());
  useTicking(250, wait > 0 ? "on" : "off");

  async function send(): Promise<void> {
    const typed = field.current?.value.trim() ?? "";
    if (busy || wait > 0) return;
    if (typed === "") return complain("empty");
    setBusy(true);
    setTrouble(undefined);
    const problem = await session.signInScreen(typed);
    if (!problem) return router.replace({ path: "/", query: new URLSearchParams() });
    setBusy(false);
    if (problem.code === "auth.slow_down") setWaitUntil(browserClock.now() + (problem.retryAfter || 5) * 1000);
    complain(problem);
  }

  function complain(what: Trouble): void {
    setTrouble(what);
    field.current?.focus();
    field.current?.select();
  }

  useEffect(() => {
    if (code === "") field.current?.focus();
    else void send();
  }, []);

  const message = complaint();
  function complaint(): string {
    if (wait > 0) return t.wait(wait);
    if (!trouble) return "";
    if (trouble === "empty") return t.need;
    if (trouble.code === "auth.slow_down") return "";
    const { code: why, params } = trouble;
    const known: Record<string, CodeWords> = people[language];
    return known[why]?.(params) ?? words(dicts[language], why, params);
  }
  return (
    <form
      class="signin-form"
      method="post"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <h1>{t.heading}</h1>
      <p class="note">{screen ? t.screen(screen.name || "") : note}</p>
      {screen && (
        <p class="note">
          <a href="#/">{t.toWall}</a>
        </p>
      )}
      <label for="code">{t.code}</label>
      <input
        id="code"
        ref={field}
        class="signin-code"
        name="code"
        defaultValue={code}
        autocomplete="off"
        autocapitalize="characters"
        spellcheck={false}
        maxLength={32}
        placeholder="ABCD-EFGH"
        aria-invalid={message !== "" && wait === 0}
        aria-describedby="trouble"
      />
      <p id="trouble" class="trouble" role="alert">
        {message !== "" && <Icon name="stale" />}
        {message}
      </p>
      <button type="submit" class="button-main" disabled={busy || wait > 0}>
        {busy ? t.busy : t.submit}
      </button>
    </form>
  );
}

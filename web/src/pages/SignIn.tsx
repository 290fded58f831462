import { useEffect, useRef, useState } from "preact/hooks";
import type { Problem } from "../api/client";
import { browserClock } from "../base/clock";
import { words } from "../i18n";
import { useDesk, useDict } from "../ui/context";
import { secondsUntil, useTicking } from "../ui/hooks";
import { Icon } from "../ui/Icon";
import { LanguageSwitch } from "../ui/LanguageSwitch";
import { Logo } from "../ui/Logo";

type Trouble = { field: "login" | "password" } | { problem: Problem };

/** The sign-in page. why: what ended the session before, if one did. */
export function SignIn({ why }: { why?: "ended" | "left" | undefined }) {
  const { session } = useDesk();
  const t = useDict();
  const login = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);
  const [shown, setShown] = useState(false);
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Trouble>();
  const [waitUntil, setWaitUntil] = useState(0);
  const wait = secondsUntil(waitUntil, browserClock.now());
  useTicking(250, wait > 0 ? "on" : "off");
  useEffect(() => login.current?.focus(), []);

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    if (busy || wait > 0) return;
    // Read from the elements: password managers fill them without any event in some browsers.
    const name = login.current?.value.trim() ?? "";
    const secret = password.current?.value ?? "";
    if (name === "") return complain({ field: "login" });
    if (secret === "") return complain({ field: "password" });
    setBusy(true);
    setTrouble(undefined);
    const problem = await session.signIn(name, secret);
    if (!problem) return; // the wall takes this page's place
    setBusy(false);
    if (problem.code === "auth.slow_down") setWaitUntil(browserClock.now() + (problem.retryAfter || 5) * 1000);
    complain({ problem });
  }

  function complain(what: Trouble): void {
    setTrouble(what);
    const field = "field" in what && what.field === "login" ? login.current : password.current;
    field?.focus();
    field?.select();
  }

  const message = complaint();
  function complaint(): string {
    if (wait > 0) return t.signIn.wait(wait);
    if (!trouble) return "";
    if ("field" in trouble) return trouble.field === "login" ? t.signIn.needLogin : t.signIn.needPassword;
    // The wait is over: the complaint would send people away who may try again.
    return trouble.problem.code === "auth.slow_down" ? "" : words(t, trouble.problem.code, trouble.problem.params);
  }
  const wrong = message !== "" && wait === 0;

  return (
    <div class="signin">
      <main class="signin-box">
        <div class="signin-brand">
          <Logo />
          <span>{t.title}</span>
        </div>
        <form onSubmit={submit} noValidate method="post">
          <h1>{t.signIn.heading}</h1>
          {why && !trouble && <p class="note">{t.signIn[why]}</p>}
          <label for="login">{t.signIn.login}</label>
          <input
            id="login"
            name="username"
            ref={login}
            autocomplete="username"
            autocapitalize="none"
            spellcheck={false}
            aria-invalid={wrong}
            aria-describedby="trouble"
          />
          <label for="password">{t.signIn.password}</label>
          <div class="field-with-button">
            <input
              id="password"
              name="password"
              ref={password}
              type={(shown ? "text" : "password") as "password"}
              autocomplete="current-password"
              aria-invalid={wrong}
              aria-describedby="trouble"
            />
            <button
              type="button"
              class="button-icon"
              aria-label={shown ? t.signIn.hide : t.signIn.show}
              title={shown ? t.signIn.hide : t.signIn.show}
              aria-pressed={shown}
              onClick={() => setShown(!shown)}
            >
              <Icon name={shown ? "eyeOff" : "eye"} />
            </button>
          </div>
          <p id="trouble" class="trouble" role="alert">
            {message !== "" && <Icon name="stale" />}
            {message}
          </p>
          <button type="submit" class="button-main" disabled={busy || wait > 0}>
            {busy ? t.signIn.busy : t.signIn.submit}
          </button>
        </form>
        <a class="signin-other" href="#/device" data-act="screen">
          {t.signIn.screen}
        </a>
        <LanguageSwitch />
      </main>
    </div>
  );
}

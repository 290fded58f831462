import { useMemo } from "preact/hooks";
import { may } from "../route/places";
import { Banner } from "../ui/Banner";
import { useDesk, useDict } from "../ui/context";
import { useStore } from "../ui/hooks";
import { Icon } from "../ui/Icon";
import { LanguageSwitch } from "../ui/LanguageSwitch";
import { Later } from "../ui/Later";
import { Logo } from "../ui/Logo";
import { Links, Menu } from "../ui/Menu";
import { PartsContext, ShellContext, useUser, useWords } from "./context";
import { pageAt } from "./pages";
import { Shell } from "./state/shell";
import "./style/index.css";
import { Asking } from "./ui/Asking";
import { Notes } from "./ui/Notes";
import { Page } from "./ui/Page";
import { Paper } from "./ui/Print";
import { common } from "./words/common";

/** Everything but the wall: the bar with the menu, and the page that the address names. */
export default function Admin() {
  const { client, router } = useDesk();
  const shell = useMemo(() => new Shell(client, router), [client, router]);
  return (
    <ShellContext.Provider value={shell}>
      <div class="page admin">
        <Head />
        <Banner />
        <main class="admin-main">
          <Present />
        </main>
        <Notes />
        <Asking />
      </div>
      <Paper />
    </ShellContext.Provider>
  );
}

/** Linked by the person's name. */
const own = ["/account"];

function Head() {
  const { session, router } = useDesk();
  const t = useDict();
  const c = useWords(common);
  return (
    <header class="bar admin-bar">
      <button type="button" class="skip" onClick={() => document.querySelector<HTMLElement>(".admin h1")?.focus()}>
        {c.skip}
      </button>
      <span class="admin-menu">
        <Menu />
      </span>
      <a class="brand" href="#/" aria-label={t.nav.wall} title={t.nav.wall}>
        <Logo />
      </a>
      <nav class="admin-nav" aria-label={t.nav.heading}>
        <Links but={own} />
      </nav>
      <span class="space" />
      <LanguageSwitch />
      <AccountLink />
      <button
        type="button"
        class="button-icon"
        title={t.bar.signOut}
        aria-label={t.bar.signOut}
        data-act="sign-out"
        onClick={() => router.pass(() => void session.signOut())}
      >
        <Icon name="out" />
      </button>
    </header>
  );
}

/** Whoever works here, by name: the way to the own account. */
function AccountLink() {
  const { router } = useDesk();
  const user = useUser();
  const t = useDict();
  const { path } = useStore(router.where);
  return (
    <a
      class="user"
      href="#/account"
      title={`${t.nav.account}: ${user.login}`}
      aria-current={path === "/account" ? "page" : undefined}
    >
      {user.name || user.login}
    </a>
  );
}

function Present() {
  const { router } = useDesk();
  const user = useUser();
  const t = useWords(common);
  const { path } = useStore(router.where);
  const found = pageAt(path);
  if (!found) return <Instead title={t.missing.title} text={t.missing.text} />;
  if (!may(user, found.page.role, path)) return <Instead title={t.forbidden.title} text={t.forbidden.text} />;
  return (
    <PartsContext.Provider value={found.parts}>
      <Later key={path} load={found.page.load} />
    </PartsContext.Provider>
  );
}

/** What stands where no page can. */
function Instead({ title, text }: { title: string; text: string }) {
  const t = useWords(common);
  return (
    <Page key={title} title={title} narrow="narrow">
      <p>{text}</p>
      <p>
        <a href="#/">{t.toWall}</a>
      </p>
    </Page>
  );
}

import { useState } from "preact/hooks";
import { placesFor, within } from "../route/places";
import { useDesk, useDict } from "./context";
import { Dialog } from "./Dialog";
import { useStore } from "./hooks";
import { Icon } from "./Icon";

interface LinksProps {
  /** Pages that have a link elsewhere on the screen. */
  but?: readonly string[];
  onFollow?: () => void;
}

/** The links to the pages that somebody may see; the present one is marked. */
export function Links({ but = [], onFollow }: LinksProps) {
  const { router, session } = useDesk();
  const t = useDict();
  const { path } = useStore(router.where);
  const user = useStore(session.user);
  if (!user) return null;
  return (
    <ul class="links">
      {placesFor(user, but).map((place) => {
        const here = within(path, place);
        return (
          <li key={place.path}>
            <a
              href={`#${place.path}`}
              aria-current={here ? "page" : undefined}
              data-place={place.name}
              onClick={onFollow}
            >
              {t.nav[place.name]}
            </a>
          </li>
        );
      })}
    </ul>
  );
}

/** A button that opens the menu of pages. */
export function Menu() {
  const t = useDict();
  const [open, setOpen] = useState(false);
  const close = () => setOpen(false);
  return (
    <>
      <button
        type="button"
        class="button-icon"
        title={t.nav.open}
        aria-label={t.nav.open}
        aria-haspopup="dialog"
        aria-expanded={open}
        data-act="menu"
        onClick={() => setOpen(true)}
      >
        <Icon name="menu" />
      </button>
      {open && (
        <Dialog label={t.nav.heading} class="menu" onClose={close}>
          <nav aria-label={t.nav.heading}>
            <Links onFollow={close} />
          </nav>
        </Dialog>
      )}
    </>
  );
}

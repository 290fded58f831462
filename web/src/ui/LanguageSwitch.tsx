import { languages } from "../i18n";
import { useDesk, useDict } from "./context";
import { useStore } from "./hooks";

export function LanguageSwitch() {
  const desk = useDesk();
  const t = useDict();
  const current = useStore(desk.text.language);
  return (
    <fieldset class="switch" aria-label={t.language}>
      {languages.map(({ id, name }) => (
        <button
          type="button"
          key={id}
          lang={id}
          title={name}
          aria-label={`${id.toUpperCase()}: ${name}`}
          aria-pressed={id === current}
          onClick={() => void desk.speak(id)}
        >
          {id.toUpperCase()}
        </button>
      ))}
    </fieldset>
  );
}

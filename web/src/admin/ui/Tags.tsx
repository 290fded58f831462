import { useState } from "preact/hooks";
import { fold } from "../../base/fold";
import { Icon } from "../../ui/Icon";
import { useWords } from "../context";
import { common } from "../words/common";

interface TagsProps {
  id: string;
  "aria-invalid"?: boolean;
  "aria-describedby"?: string | undefined;
  tags: readonly string[];
  /** What is in use already, to choose from. */
  known: readonly string[];
  onChange: (tags: string[]) => void;
}

/** Words on cameras: written and ended by Enter or a comma, chosen out of those in use, taken away one by one. */
export function Tags({ id, tags, known, onChange, ...wiring }: TagsProps) {
  const t = useWords(common);
  const [text, setText] = useState("");
  const take = (written: string) => {
    const next = [...tags];
    for (const part of written.split(",")) {
      const tag = part.trim();
      if (tag !== "" && !next.some((had) => fold(had) === fold(tag))) next.push(tag);
    }
    if (next.length > tags.length) onChange(next);
    setText("");
  };
  return (
    <div class="tags-field">
      {tags.map((tag) => (
        <span key={tag} class="tag">
          {tag}
          <button
            type="button"
            class="tag-remove"
            aria-label={`${t.remove}: ${tag}`}
            title={t.remove}
            onClick={() => onChange(tags.filter((other) => other !== tag))}
          >
            <Icon name="close" />
          </button>
        </span>
      ))}
      <input
        {...wiring}
        id={id}
        type="text"
        list={`${id}-known`}
        autocomplete="off"
        maxLength={64}
        value={text}
        onInput={(event) => {
          const written = event.currentTarget.value;
          if (written.includes(",")) take(written);
          else setText(written);
        }}
        onBlur={() => take(text)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && text.trim() !== "") {
            event.preventDefault();
            take(text);
          } else if (event.key === "Backspace" && text === "") {
            onChange(tags.slice(0, -1));
          }
        }}
      />
      <datalist id={`${id}-known`}>
        {known.map((tag) => (
          <option key={tag} value={tag} />
        ))}
      </datalist>
    </div>
  );
}

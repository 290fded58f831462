import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { useDict } from "../../ui/context";

interface PageProps {
  title: string;
  /** Beside the heading: buttons that concern the whole page. */
  tools?: ComponentChildren;
  /** A way up, above the heading. */
  up?: { path: string; name: string };
  narrow?: "narrow" | "wide";
  children: ComponentChildren;
}

/** One page of the administration. When it appears, its heading has the focus, so that a screen reader tells where one is. */
export function Page({ title, tools, up, narrow = "wide", children }: PageProps) {
  const t = useDict();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  useEffect(() => {
    document.title = `${title} · ${t.title}`;
  }, [title, t]);
  return (
    <div class={narrow === "narrow" ? "sheet sheet-narrow" : "sheet"}>
      {up && (
        <a class="up" href={`#${up.path}`}>
          ← {up.name}
        </a>
      )}
      <div class="sheet-head">
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {tools && <div class="sheet-tools">{tools}</div>}
      </div>
      {children}
    </div>
  );
}

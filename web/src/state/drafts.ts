/** What stood in a form, and what the form was read from. */
export interface Draft {
  base: object;
  changes: object;
}

/**
 * Drafts is what somebody had typed and not saved when their session ended, until they are back. It stays in this page's memory: whoever else
 * signs in, and a reload, find nothing.
 */
export class Drafts {
  #whose = "";
  readonly #kept = new Map<string, Draft>();

  /** whose: the person's id. where: which form. */
  keep(whose: string, where: string, draft: Draft): void {
    this.#belongTo(whose);
    this.#kept.set(where, draft);
  }

  /** Gives a draft to its writer, once. */
  take(whose: string, where: string): Draft | undefined {
    this.#belongTo(whose);
    const draft = this.#kept.get(where);
    this.#kept.delete(where);
    return draft;
  }

  clear(): void {
    this.#kept.clear();
  }

  #belongTo(whose: string): void {
    if (whose !== this.#whose) this.#kept.clear();
    this.#whose = whose;
  }
}

import { useStore } from "../../ui/hooks";
import { useShell, useWords } from "../context";
import { common } from "../words/common";
import { Box } from "./Box";

/** The questions that the shell asks: before something is done for good, and before unsaved changes are left. */
export function Asking() {
  const shell = useShell();
  const t = useWords(common);
  const question = useStore(shell.question);
  const leaving = useStore(shell.router.leaving);
  const stake = useStore(shell.atStake);
  if (leaving) {
    const { title, text } = stake ?? t.unsaved;
    return (
      <Box title={title} onClose={leaving.stay}>
        <p>{text}</p>
        <div class="box-buttons">
          <button type="button" class="button-main" data-act="stay" onClick={leaving.stay}>
            {t.unsaved.stay}
          </button>
          <button type="button" class="button-danger" data-act="leave" onClick={leaving.leave}>
            {t.unsaved.leave}
          </button>
        </div>
      </Box>
    );
  }
  if (!question) return null;
  return (
    <Box title={question.title} onClose={() => question.answer(false)}>
      {question.text && <p>{question.text}</p>}
      {question.consequences && question.consequences.length > 0 && (
        <ul class="consequences">
          {question.consequences.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
      <div class="box-buttons">
        <button type="button" class="button-quiet" data-act="no" onClick={() => question.answer(false)}>
          {t.cancel}
        </button>
        <button
          type="button"
          class={question.kind === "danger" ? "button-danger" : "button-main"}
          data-act="yes"
          onClick={() => question.answer(true)}
        >
          {question.act}
        </button>
      </div>
    </Box>
  );
}

import { useEffect, useId, useRef, useState } from "preact/hooks";
import { Button } from "../../shared/components";
import { t } from "../texts";

/** A text to take elsewhere, with a button that copies it. It gets the focus when it appears. */
export function Copyable({ label, text }: { label: string; text: string }) {
  const id = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  const [outcome, setOutcome] = useState<"copied" | "failed" | null>(null);
  useEffect(() => field.current?.focus(), []);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setOutcome("copied");
    } catch {
      // Browsers only let pages copy over https, and at localhost.
      field.current?.select();
      setOutcome("failed");
    }
  };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="input-frame">
        <textarea
          id={id}
          ref={field}
          class="code"
          rows={4}
          readOnly
          spellcheck={false}
          value={text}
          onFocus={(event) => event.currentTarget.select()}
        />
      </div>
      <div class="form-end">
        <Button kind="primary" onClick={() => void copy()}>
          {t("copy")}
        </Button>
        <p class="form-done" role="status">
          {outcome === "copied" && t("copied")}
          {outcome === "failed" && t("copyFailed")}
        </p>
      </div>
    </div>
  );
}

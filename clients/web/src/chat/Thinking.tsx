/** Shows that the assistant is at work, and for how long. */
import { useEffect, useState } from "preact/hooks";
import { say } from "./texts";

// When a screen reader hears that it still goes on, in seconds.
const REMINDERS = 15;

export function Thinking({ since }: { since: number }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [since]);
  const seconds = Math.max(0, Math.floor((now - since) / 1_000));
  const reminded = Math.floor(seconds / REMINDERS);
  return (
    <div class="thinking" data-testid="thinking">
      <span class="dots" aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
      <span class="sr-only" role="status">
        {reminded ? `${say("stillThinking")} ${say("thinkingFor", { seconds: reminded * REMINDERS })}` : say("thinking")}
      </span>
      <span aria-hidden="true">
        {say("thinking")}
        {seconds >= 2 && <span class="elapsed"> {say("thinkingFor", { seconds })}</span>}
      </span>
    </div>
  );
}

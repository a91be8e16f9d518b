/** Says that there is no connection, when the next attempt is made, and makes one now. */
import { useEffect, useState } from "preact/hooks";
import { Button, Spinner } from "../shared/parts";
import type { Connection, Conversation } from "./conversation";
import { say, type ChatKey } from "./texts";

// A reconnect that takes a moment needs no words.
const PATIENCE = 1_200;

const REASONS: Record<string, ChatKey> = {
  shutdown: "serverStopped",
  "too-many-connections": "tooManyDevices",
  unavailable: "serverBusy",
};

/** The seconds until a moment, counted down; 0 when it has passed or there is none. */
function useCountdown(until: number | null): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (until === null) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [until]);
  return until === null ? 0 : Math.max(0, Math.ceil((until - now) / 1_000));
}

/** Whether being without a connection has lasted long enough to be mentioned. */
function useTroubled({ status }: Connection): boolean {
  const [troubled, setTroubled] = useState(false);
  const well = status === "ready" || status === "signed-out";
  useEffect(() => {
    if (well) {
      setTroubled(false);
      return;
    }
    const timer = setTimeout(() => setTroubled(true), PATIENCE);
    return () => clearTimeout(timer);
  }, [well]);
  return troubled && !well;
}

export function Banner({ conversation }: { conversation: Conversation }) {
  const connection = conversation.connection.value;
  const seconds = useCountdown(connection.retryAt);
  const doubtful = conversation.doubtful.value;
  const troubled = useTroubled(connection) || doubtful;
  const offline = connection.status === "offline" || doubtful;
  const why = say(doubtful ? "noNetwork" : (REASONS[connection.reason ?? ""] ?? "offline"));
  return (
    <div class="banner-place">
      <div role="status" class="sr-only">
        {troubled && why}
      </div>
      {troubled && (
        <div class={`banner ${offline ? "offline" : "connecting"}`} data-testid="banner">
          {offline ? (
            <span>
              <b>{why}</b>{" "}
              {seconds > 0 && <span class="countdown">{say("retryIn", { seconds })}</span>}
            </span>
          ) : (
            <span class="connecting">
              <Spinner /> {say("connecting")}
            </span>
          )}
          {offline && (
            <Button class="small" onClick={() => conversation.retryNow()}>
              {say("tryNow")}
            </Button>
          )}
        </div>
      )}
    </div>
  );
}

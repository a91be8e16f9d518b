import type { ComponentChildren } from "preact";
import { Button, Notice, Spinner } from "../../shared/components";
import { t as shared } from "../../shared/texts";
import { sentenceOf } from "../problems";
import type { Resource } from "../resource";
import { t } from "../texts";

/** What was read, as `children` show it; before that a spinner, or what went wrong. */
export function Loaded<T>({ from, children }: { from: Resource<T>; children: (data: T) => ComponentChildren }) {
  if (from.data !== null) {
    return (
      <>
        {from.problem && <Failed from={from} />}
        {children(from.data)}
      </>
    );
  }
  return from.problem ? (
    <Failed from={from} />
  ) : (
    <div class="waiting">
      <Spinner label={t("loading")} />
    </div>
  );
}

function Failed<T>({ from }: { from: Resource<T> }) {
  if (!from.problem) return null;
  return (
    <div class="failed">
      <Notice tone="danger">
        <bdi>{sentenceOf(from.problem)}</bdi>
      </Notice>
      <Button onClick={() => void from.reload()}>{shared("tryAgain")}</Button>
    </div>
  );
}

import { useEffect, useRef } from "preact/hooks";
import { Button, Notice, Spinner } from "../../shared/components";
import type { Job } from "../api";
import { t, type Key } from "../texts";
import { Badge, Card } from "./Card";
import { startOf, Text } from "./Text";

const TITLES: Record<Job["kind"], Key> = {
  add: "jobAdd",
  update: "jobUpdate",
  remove: "jobRemove",
  reload: "jobReload",
};
const SHOWN_LINES = 400;

/** How far a job is, in its own words. */
export function JobPanel({ job, onClose }: { job: Job; onClose(): void }) {
  const log = useRef<HTMLDivElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  // What began it may be far below.
  useEffect(() => panel.current?.scrollIntoView({ block: "nearest" }), [job.id]);
  const title = TITLES[job.kind] ?? "jobReload";
  useEffect(() => {
    if (log.current) log.current.scrollTop = log.current.scrollHeight;
  }, [job.lines.length]);
  const state =
    job.state === "running" ? (
      <Badge tone="accent">
        <Spinner /> {t("jobBusy")}
      </Badge>
    ) : job.state === "succeeded" ? (
      <Badge tone="success">{t("jobSucceeded")}</Badge>
    ) : (
      <Badge tone="danger">{t("jobFailed")}</Badge>
    );
  return (
    <div ref={panel} class="job">
      <Card title={<bdi>{t(title, { subject: startOf(job.subject) })}</bdi>} aside={<span role="status">{state}</span>}>
        {job.lines.length > 0 && (
          <div ref={log} class="log" role="log" aria-label={t("jobProgress")} tabIndex={0}>
            {job.lines.slice(-SHOWN_LINES).map((line, index) => (
              <p key={index}>
                <Text limit={2000}>{line}</Text>
              </p>
            ))}
          </div>
        )}
        {job.problem && (
          <Notice tone="danger">
            <Text limit={2000}>{job.problem}</Text>
          </Notice>
        )}
        {job.state !== "running" && (
          <div class="form-end">
            <Button onClick={onClose}>{t("jobClose")}</Button>
          </div>
        )}
      </Card>
    </div>
  );
}

/** Changing skills: what was begun, and how far it is (spec 6.15). */
import { Problem, SignInNeeded } from "@pytlas/client";
import { useEffect, useRef, useState } from "preact/hooks";
import { account, asProblem } from "../shared/session";
import type { Job } from "./api";

const EVERY_MS = 1000;

export interface JobWatch {
  /** The one that was begun here last, or that runs. */
  readonly job: Job | null;
  /** Whether it ran when the server stopped: nobody knows how it ended. */
  readonly gone: boolean;
  /** Why the last one could not be begun. */
  readonly problem: Problem | null;
  readonly busy: boolean;
  start(method: "POST" | "DELETE", path: string, body?: unknown): Promise<Problem | null>;
  dismiss(): void;
}

/**
 * Begins jobs, and asks each second how far the one that runs is.
 *
 * @param onEnd - told when a job has ended, however it did.
 */
export function useJobs(onEnd: () => void): JobWatch {
  const [job, setJob] = useState<Job | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [gone, setGone] = useState(false);
  const [starting, setStarting] = useState(false);
  const ended = useRef(onEnd);
  ended.current = onEnd;
  const running = job?.state === "running" ? job.id : null;

  useEffect(() => void runningJob().then((found) => found && setJob((known) => known ?? found)), []);
  useEffect(() => {
    if (running === null) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let over = false;
    const look = async () => {
      const found = await lookAt(running);
      if (over) return;
      if (found instanceof Problem && found.status === 404) {
        setJob(null);
        setGone(true);
        ended.current();
      } else if (!(found instanceof Problem) && found !== null) {
        setJob(found);
        if (found.state !== "running") ended.current();
      }
      timer = setTimeout(() => void look(), EVERY_MS);
    };
    timer = setTimeout(() => void look(), EVERY_MS);
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [running]);

  const dismiss = () => {
    setJob(null);
    setGone(false);
    setProblem(null);
  };
  const start: JobWatch["start"] = async (method, path, body) => {
    setStarting(true);
    dismiss();
    let failed: Problem | null = null;
    try {
      const { data } = await account.request<Job>(method, path, body === undefined ? {} : { body });
      setJob(data);
    } catch (failure) {
      failed = asProblem(failure);
      setProblem(failed);
      if (failed.code === "job-running") setJob(await runningJob());
    }
    setStarting(false);
    return failed;
  };
  return { job, gone, problem, busy: starting || running !== null, start, dismiss };
}

async function lookAt(id: string): Promise<Job | Problem | null> {
  try {
    return (await account.request<Job>("GET", `/api/jobs/${encodeURIComponent(id)}`)).data;
  } catch (failure) {
    return failure instanceof SignInNeeded ? null : asProblem(failure);
  }
}

async function runningJob(): Promise<Job | null> {
  try {
    const { data } = await account.request<{ jobs: Job[] }>("GET", "/api/jobs");
    return data.jobs.find((one) => one.state === "running") ?? null;
  } catch {
    // It is only shown when there is one.
    return null;
  }
}

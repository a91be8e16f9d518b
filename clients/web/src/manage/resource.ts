/** Reading and writing what the API has. */
import { SignInNeeded, type Problem } from "@pytlas/client";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { account, asProblem } from "../shared/session";

/** Something that was read from the server, and how to read it again. */
export interface Resource<T> {
  readonly data: T | null;
  readonly etag: string | null;
  /** Why the last reading failed; `data` is then as old as it is. */
  readonly problem: Problem | null;
  reload(): Promise<void>;
  /** What a write answered with, which is newer than what was read. */
  replace(data: T, etag: string | null): void;
}

interface Read<T> {
  path: string;
  data: T | null;
  etag: string | null;
  problem: Problem | null;
}

/** Reads `path`, and again when it becomes another one. */
export function useResource<T>(path: string): Resource<T> {
  const [read, setRead] = useState<Read<T>>({ path, data: null, etag: null, problem: null });
  // An answer that comes after a newer request, or after the page is gone, is of no use.
  const turn = useRef(0);
  const reload = useCallback(async () => {
    const mine = ++turn.current;
    try {
      const { data, etag } = await account.request<T>("GET", path);
      if (mine === turn.current) setRead({ path, data, etag, problem: null });
    } catch (failure) {
      if (failure instanceof SignInNeeded || mine !== turn.current) return;
      const problem = asProblem(failure);
      setRead((before) =>
        before.path === path ? { ...before, problem } : { path, data: null, etag: null, problem },
      );
    }
  }, [path]);
  useEffect(() => {
    void reload();
    return () => void turn.current++;
  }, [path, reload]);
  const replace = useCallback(
    (data: T, etag: string | null) => {
      turn.current++;
      setRead({ path, data, etag, problem: null });
    },
    [path],
  );
  const { data, etag, problem } = read.path === path ? read : { data: null, etag: null, problem: null };
  return { data, etag, problem, reload, replace };
}

/** Something that a person has started, one at a time. */
export interface Task {
  readonly busy: boolean;
  readonly problem: Problem | null;
  /** Whether the last one has come to a good end. */
  readonly done: boolean;
  run(work: () => Promise<void>): Promise<Problem | null>;
  reset(): void;
}

/** Runs what a button does: knows whether it is at work, and what went wrong. */
export function useTask(): Task {
  const [state, setState] = useState<{ busy: boolean; problem: Problem | null; done: boolean }>(IDLE);
  const alive = useRef(true);
  useEffect(() => {
    alive.current = true;
    return () => void (alive.current = false);
  }, []);
  const run = async (work: () => Promise<void>): Promise<Problem | null> => {
    setState({ busy: true, problem: null, done: false });
    let problem: Problem | null = null;
    try {
      await work();
    } catch (failure) {
      // Signing in again takes the place of the whole page.
      problem = asProblem(failure);
    }
    if (alive.current) setState({ busy: false, problem, done: problem === null });
    return problem;
  };
  return { ...state, run, reset: () => setState(IDLE) };
}

const IDLE = { busy: false, problem: null, done: false };

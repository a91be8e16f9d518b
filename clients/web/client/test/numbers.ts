import type { Step } from "./play.js";
import { READY } from "./sockets.js";

const SEQ = /^\{\{seq(?::(.+))?\}\}$/;
const FILLED: Record<string, unknown> = { "{{any-string}}": "anything", "{{any-number}}": 7 };

/** What a number stands for: a frame of the conversation, or where a `ready` says it is. */
interface Node {
  step: number;
  below: Set<Node>;
  value: number;
}

/**
 * The steps with numbers in place of `{{seq}}`, as a server would give them: on each device they
 * rise from frame to frame, but for what comes again.
 */
export function numbered(steps: Step[]): Step[] {
  const named = new Map<string, Node>();
  const nodes: Node[] = [];
  const own = new Map<Step, Node>();
  const highest = new Map<string, Node | undefined>();
  // Of each device: the `ready` whose present state comes now.
  const presenting = new Map<string, Node | undefined>();

  const make = (step: number): Node => {
    const node = { step, below: new Set<Node>(), value: 0 };
    nodes.push(node);
    return node;
  };
  const isBelow = (low: Node, high: Node): boolean =>
    low === high || [...high.below].some((node) => isBelow(low, node));
  const find = (mark: unknown, step: number): Node | undefined => {
    const match = typeof mark === "string" ? SEQ.exec(mark) : null;
    if (!match) return undefined;
    const [, name] = match;
    const node = (name === undefined ? undefined : named.get(name)) ?? make(step);
    if (name !== undefined) named.set(name, node);
    return node;
  };

  for (const [index, step] of steps.entries()) {
    const { device = "", expect } = step;
    const sent = step.send;
    if (sent?.type === "authenticate") highest.set(device, find(sent["after"], index));
    if (!expect) continue;
    if (expect.type === "ready") {
      const node = find(expect["seq"], index) ?? make(index);
      own.set(step, node);
      presenting.set(device, expect["resumed"] ? undefined : node);
      if (!expect["resumed"]) highest.set(device, node);
      continue;
    }
    const node = find(expect["seq"], index);
    if (!node) continue;
    own.set(step, node);
    const ready = presenting.get(device);
    if (ready && (expect.type === "ask" || expect.type === "context") && !isBelow(ready, node)) {
      ready.below.add(node);
      continue;
    }
    presenting.set(device, undefined);
    const high = highest.get(device);
    // One that comes again is below already.
    if (high && isBelow(node, high)) continue;
    if (high) node.below.add(high);
    highest.set(device, node);
  }
  let next = 1;
  const give = (node: Node): void => {
    if (node.value > 0) return;
    node.value = Infinity;
    for (const low of node.below) give(low);
    node.value = next;
    next += 1;
  };
  for (const node of nodes.sort((a, b) => a.step - b.step)) give(node);

  const fill = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(fill);
    if (typeof value === "object" && value !== null) {
      const pairs = Object.entries(value).filter(([, item]) => item !== "{{absent}}");
      return Object.fromEntries(pairs.map(([key, item]) => [key, fill(item)]));
    }
    if (typeof value !== "string") return value;
    const name = SEQ.exec(value)?.[1];
    if (name !== undefined) return named.get(name)!.value;
    const long = value.replace(/\{\{text:(\d+)\}\}/g, (_, count) => "x".repeat(Number(count)));
    return FILLED[value] ?? long;
  };
  return steps.map((step) => {
    const filled = fill(step) as Step;
    const node = own.get(step);
    if (node && filled.expect) filled.expect["seq"] = node.value;
    if (filled.expect?.type === "ready") filled.expect["limits"] = READY.limits;
    return filled;
  });
}

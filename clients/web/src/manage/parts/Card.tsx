import type { ComponentChildren } from "preact";

interface CardProps {
  title: ComponentChildren;
  lead?: ComponentChildren;
  /** What stands at the end of the heading: badges, buttons. */
  aside?: ComponentChildren;
  tone?: "danger";
  children?: ComponentChildren;
}

/** A part of a page with a heading of its own. */
export function Card({ title, lead, aside, tone, children }: CardProps) {
  return (
    <section class={`card${tone ? ` ${tone}` : ""}`}>
      <header class="card-head">
        <div class="card-title">
          <h2>{title}</h2>
          {lead && <p class="soft">{lead}</p>}
        </div>
        {aside && <div class="card-aside">{aside}</div>}
      </header>
      {children}
    </section>
  );
}

type BadgeTone = "plain" | "accent" | "success" | "warning" | "danger";

/** A word or two about something. */
export function Badge({ tone = "plain", children }: { tone?: BadgeTone; children: ComponentChildren }) {
  return <span class={`badge ${tone}`}>{children}</span>;
}

/** Names and values, one below the other. */
export function Facts({ facts }: { facts: readonly (readonly [string, ComponentChildren])[] }) {
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

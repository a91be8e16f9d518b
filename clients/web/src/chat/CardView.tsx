/** A card: a picture, a headline that may lead somewhere, a second one, and a text. */
import type { Card } from "@pytlas/client";
import { useState } from "preact/hooks";
import { LinkIcon, PictureIcon } from "../shared/icons";
import { safeLink, safePicture } from "./markdown";
import { RichLine, RichText } from "./RichText";
import { say } from "./texts";

function Picture({ address }: { address: string }) {
  const [broken, setBroken] = useState(false);
  if (broken) {
    return (
      <p class="card-broken">
        <PictureIcon /> {say("noPicture")}
      </p>
    );
  }
  return (
    <img
      class="card-picture"
      src={address}
      alt=""
      loading="lazy"
      decoding="async"
      referrerpolicy="no-referrer"
      onError={() => setBroken(true)}
    />
  );
}

function hostOf(address: string): string {
  const { host, pathname } = new URL(address);
  return host || pathname;
}

export function CardView({ card }: { card: Card }) {
  const link = safeLink(card.header_link);
  const picture = safePicture(card.media);
  const header = card.header ?? (link ? hostOf(link) : null);
  return (
    <article class="card">
      {picture && <Picture address={picture} />}
      {(header || card.subhead || card.text) && (
        <div class="card-body">
          {header && (
            <h3>
              {link ? (
                <a href={link} target="_blank" rel="noopener noreferrer">
                  {/* A link inside the link would be broken HTML. */}
                  <span dir="auto">{(card.raw_header ?? header).slice(0, 500)}</span>
                  <LinkIcon />
                  <span class="sr-only">{say("opensElsewhere")}</span>
                </a>
              ) : (
                <RichLine text={header} raw={card.raw_header} />
              )}
            </h3>
          )}
          {card.subhead && (
            <p class="card-subhead">
              <RichLine text={card.subhead} raw={card.raw_subhead} />
            </p>
          )}
          {card.text && <RichText text={card.text} raw={card.raw_text} />}
        </div>
      )}
    </article>
  );
}

/** Turns what skills write into HTML that can do no harm, whoever wrote it. */
import DOMPurify from "dompurify";
import { Lexer, Parser, Renderer, type Tokens } from "marked";

/** Longer texts are shown as they are: reading Markdown takes time, and the page must not freeze. */
export const MARKDOWN_MAX = 12_000;

const LINKS = new Set(["http:", "https:", "mailto:", "tel:"]);
const PICTURE = /^data:image\/(?:png|jpe?g|gif|webp|avif|bmp|svg\+xml)[;,]/i;

function parsed(address: string): URL | null {
  try {
    return new URL(address);
  } catch {
    return null;
  }
}

/** The address when it may be followed, else null: absolute, and of a kind that runs nothing. */
export function safeLink(address: string | null | undefined): string | null {
  const url = address ? parsed(address) : null;
  return url && LINKS.has(url.protocol) ? url.href : null;
}

/** The address when it may be shown as a picture, else null. */
export function safePicture(address: string | null | undefined): string | null {
  if (!address) return null;
  const trimmed = address.trim();
  // A data URL may be long: it is looked at by its beginning alone.
  if (PICTURE.test(trimmed)) return trimmed;
  const url = /^https?:/i.test(trimmed) ? parsed(trimmed) : null;
  return url ? url.href : null;
}

const MARKS: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (mark) => MARKS[mark]!);
}

class HarmlessRenderer extends Renderer {
  // HTML in a text is shown as the text it is.
  override html({ text }: Tokens.HTML | Tokens.Tag): string {
    return /^<br\s*\/?>\s*$/i.test(text) ? "<br>" : escaped(text);
  }

  override link({ href, title, tokens }: Tokens.Link): string {
    const inner = this.parser.parseInline(tokens);
    const address = safeLink(href);
    return address ? `<a href="${escaped(address)}"${hover(title)}>${inner}</a>` : inner;
  }

  override image({ href, title, text }: Tokens.Image): string {
    const address = safePicture(href);
    if (!address) return escaped(text);
    return `<img src="${escaped(address)}" alt="${escaped(text)}"${hover(title)}>`;
  }

  // The page has headings of its own; those of an answer stand below them, without steps left out.
  override heading({ tokens, depth }: Tokens.Heading): string {
    const level = depth <= 3 ? 3 : 4;
    return `<h${level}>${this.parser.parseInline(tokens)}</h${level}>`;
  }

  override checkbox({ checked }: Tokens.Checkbox): string {
    return checked ? "☑ " : "☐ ";
  }
}

const hover = (title: string | null | undefined): string =>
  title ? ` title="${escaped(title)}"` : "";

const options = { gfm: true, breaks: true, renderer: new HarmlessRenderer() };

const TAGS = [
  "a", "b", "blockquote", "br", "code", "del", "em", "h3", "h4", "hr", "i", "img",
  "li", "ol", "p", "pre", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
]; // prettier-ignore

const purifier = DOMPurify(window);

purifier.addHook("afterSanitizeAttributes", (node) => {
  if (node.tagName === "A") {
    const address = safeLink(node.getAttribute("href"));
    if (!address) {
      node.removeAttribute("href");
      return;
    }
    node.setAttribute("href", address);
    node.setAttribute("target", "_blank");
    node.setAttribute("rel", "noopener noreferrer");
  }
  if (node.tagName === "IMG") {
    const address = safePicture(node.getAttribute("src"));
    if (!address) {
      node.remove();
      return;
    }
    node.setAttribute("loading", "lazy");
    node.setAttribute("decoding", "async");
    node.setAttribute("referrerpolicy", "no-referrer");
  }
  // What may be wider than the page is scrolled by keyboard, too.
  if (node.tagName === "PRE" || node.tagName === "TABLE") node.setAttribute("tabindex", "0");
});

function purified(html: string): string {
  return purifier.sanitize(html, {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ["href", "title", "src", "alt", "start", "align"],
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
  });
}

/** Harmless HTML of a Markdown text; null when it is too long, or cannot be read. */
export function render(text: string): string | null {
  if (text.length > MARKDOWN_MAX) return null;
  try {
    return purified(Parser.parse(new Lexer(options).lex(text), options));
  } catch {
    return null;
  }
}

/** The same for a line such as a headline: no paragraphs, no lists. */
export function renderLine(text: string): string | null {
  if (text.length > 500) return null;
  try {
    return purified(Parser.parseInline(new Lexer(options).inlineTokens(text), options));
  } catch {
    return null;
  }
}

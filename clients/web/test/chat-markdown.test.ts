// @vitest-environment jsdom
import { describe, expect, it } from "vitest";
import { MARKDOWN_MAX, render, renderLine, safeLink, safePicture } from "../src/chat/markdown";

function shown(text: string): HTMLElement {
  const place = document.createElement("div");
  place.innerHTML = render(text) ?? "";
  return place;
}

describe("Markdown", () => {
  it("becomes what it means", () => {
    const html = render("**bold** and *soft*\n\n1. one\n2. two\n\n`code`")!;
    expect(html).toContain("<strong>bold</strong> and <em>soft</em>");
    expect(html).toContain("<li>one</li>");
    expect(html).toContain("<code>code</code>");
  });

  it("opens links in a tab of their own that knows nothing of this one", () => {
    const link = shown("[market](https://market.example/a?b=1&c=2)").querySelector("a")!;
    expect(link.getAttribute("href")).toBe("https://market.example/a?b=1&c=2");
    expect(link.getAttribute("target")).toBe("_blank");
    expect(link.getAttribute("rel")).toBe("noopener noreferrer");
  });

  it("loads pictures late, and tells nobody from where", () => {
    const picture = shown("![a cat](https://cats.example/1.png)").querySelector("img")!;
    expect(picture.getAttribute("alt")).toBe("a cat");
    expect(picture.getAttribute("loading")).toBe("lazy");
    expect(picture.getAttribute("referrerpolicy")).toBe("no-referrer");
  });

  it("puts headings below those of the page", () => {
    expect(shown("# Big\n\n###### Small").innerHTML).toMatch(/<h3>Big<\/h3>\s*<h4>Small<\/h4>/);
  });

  it("keeps other scripts as they are", () => {
    expect(shown("مرحبا **بالعالم**").textContent).toBe("مرحبا بالعالم\n");
  });

  it("keeps a line a line", () => {
    expect(renderLine("Café **Central**")).toBe("Café <strong>Central</strong>");
  });
});

describe("hostile texts", () => {
  const HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<iframe src='https://evil.example'></iframe>",
    "<form action='https://evil.example'><input name=a><button>x</button></form>",
    "<style>*{display:none}</style>",
    "<b style='position:fixed;inset:0'>x</b>",
    "<a href='javascript:alert(1)'>x</a>",
    "<details open ontoggle=alert(1)>",
    "<base href='https://evil.example/'>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](java&#10;script:alert(1))",
    "[x](<java\tscript:alert(1)>)",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](//evil.example)",
    "[x](/api/token)",
    "[x](file:///etc/passwd)",
    "[x](blob:https://here.example/1)",
    "![x](javascript:alert(1))",
    "![x](data:text/html,<script>alert(1)</script>)",
    "![x](file:///etc/passwd)",
    '![" onerror="alert(1)](https://a.example/x.png)',
    '[x](https://a.example "onmouseover=alert(1) \\" onmouseover=\\"alert(1)")',
    "<https://a.example/\"onmouseover=alert(1)>",
    "[a]: javascript:alert(1)\n\n[a]",
    "| a |\n|---|\n| <script>alert(1)</script> |",
    "```html\n<script>alert(1)</script>\n```",
    "```\"><script>alert(1)</script>\nx\n```",
    "<!--><script>alert(1)</script>-->",
    "<p id='app'>x</p><a name='app'>y</a>",
  ];
  const ALLOWED = new Set(
    "A,BLOCKQUOTE,BR,CODE,DEL,EM,H3,H4,HR,IMG,LI,OL,P,PRE,STRONG,TABLE,TBODY,TD,TH,THEAD,TR,UL".split(","),
  );
  const ATTRIBUTES = new Set(
    "href,title,target,rel,src,alt,loading,decoding,referrerpolicy,start,align,tabindex".split(","),
  );

  it.each(HOSTILE)("%s does nothing", (text) => {
    for (const element of shown(text).querySelectorAll("*")) {
      expect(ALLOWED).toContain(element.tagName);
      for (const name of element.getAttributeNames()) expect(ATTRIBUTES).toContain(name);
      const href = element.getAttribute("href");
      if (href !== null) expect(href).toMatch(/^(https?|mailto|tel):/);
      const src = element.getAttribute("src");
      if (src !== null) expect(src).toMatch(/^(https?:|data:image\/)/);
    }
  });

  it("are shown as the text they are", () => {
    expect(shown("<script>alert(1)</script>").textContent).toContain("<script>alert(1)</script>");
    expect(shown("[click](javascript:alert(1))").textContent).toBe("click\n");
    expect(shown("![a cat](javascript:alert(1))").textContent).toBe("a cat\n");
  });

  it("that are too long are not read at all", () => {
    expect(render("a ".repeat(50_000))).toBeNull();
    expect(renderLine("a".repeat(501))).toBeNull();
  });

  it.each(["[", "![", "*a", "`", "> ", "<a", "[a](", "_a_ ", "- ", "| a ", "\\", "&#", "a@b.c "])(
    "of many %j are read in a moment",
    (piece) => {
      const text = piece.repeat(Math.floor(MARKDOWN_MAX / piece.length));
      const start = performance.now();
      render(text);
      // Far above what it takes, far below what one would call frozen.
      expect(performance.now() - start).toBeLessThan(4_000);
    },
  );
});

describe("addresses", () => {
  it("of pages, letters and telephones may be followed, no others", () => {
    expect(safeLink("https://a.example/x")).toBe("https://a.example/x");
    expect(safeLink("mailto:a@b.example")).toBe("mailto:a@b.example");
    expect(safeLink("tel:+331234")).toBe("tel:+331234");
    for (const bad of ["javascript:1", " javascript:1", "data:text/html,x", "/x", "x", "", null, undefined, "http://"])
      expect(safeLink(bad)).toBeNull();
  });

  it("of pictures are of the web, or hold the picture", () => {
    expect(safePicture("https://a.example/x.png")).toBe("https://a.example/x.png");
    expect(safePicture("data:image/png;base64,AAAA")).toBe("data:image/png;base64,AAAA");
    for (const bad of ["data:text/html,x", "data:image/x-evil,1", "javascript:1", "blob:x", "x.png", "", null])
      expect(safePicture(bad)).toBeNull();
  });
});

import { useEffect, useState } from "preact/hooks";
import { ChevronIcon } from "../../shared/icons";
import { NavIcon } from "../nav-icons";
import { ADMIN_PAGES, hashOf, OWN_PAGES, type Page, type Route } from "../routes";
import { t, type Key } from "../texts";

const NAMES: Record<Page, Key> = {
  profile: "pageProfile",
  logins: "pageLogins",
  settings: "pageSettings",
  history: "pageHistory",
  people: "pagePeople",
  person: "pagePerson",
  skills: "pageSkills",
  status: "pageStatus",
  try: "pageTry",
};

/** What a page is called. */
export function nameOf(page: Page): string {
  return t(NAMES[page]);
}

/** The menu of all pages; where there is little room it opens from a button. */
export function Navigation({ route, admin }: { route: Route; admin: boolean }) {
  const [open, setOpen] = useState(false);
  const present: Page = route.page === "person" ? "people" : route.page;
  useEffect(() => setOpen(false), [route]);
  const group = (title: Key, pages: readonly Exclude<Page, "person">[]) => (
    <div class="nav-group">
      <p id={`nav-${title}`}>{t(title)}</p>
      <ul aria-labelledby={`nav-${title}`}>
        {pages.map((page) => (
          <li key={page}>
            <a
              class="nav-link"
              href={hashOf({ page })}
              aria-current={page === present ? "page" : undefined}
              onClick={() => setOpen(false)}
            >
              <NavIcon page={page} />
              {nameOf(page)}
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
  return (
    <nav
      class={open ? "nav open" : "nav"}
      aria-label={t("pages")}
      onKeyDown={(event) => event.key === "Escape" && setOpen(false)}
    >
      <button
        type="button"
        class="nav-toggle"
        aria-expanded={open}
        aria-controls="nav-pages"
        onClick={() => setOpen(!open)}
      >
        <NavIcon page={present} />
        <span>{nameOf(present)}</span>
        <ChevronIcon />
      </button>
      <div id="nav-pages" class="nav-pages">
        {group("mine", OWN_PAGES)}
        {admin && group("server", ADMIN_PAGES)}
      </div>
    </nav>
  );
}

/** Where one can be on this page. */
export type Route =
  | { readonly page: "profile" | "logins" | "settings" | "history" }
  | { readonly page: "people" | "skills" | "status" | "try" }
  | { readonly page: "person"; readonly id: number };

export type Page = Route["page"];

/** What everybody sees, in the order of the menu. */
export const OWN_PAGES = ["profile", "logins", "settings", "history"] as const;
/** What administrators see besides. */
export const ADMIN_PAGES = ["people", "skills", "status", "try"] as const;

/** The route that the part of the address behind `#` names; the profile, when it names none. */
export function routeOf(hash: string, admin: boolean): Route {
  const path = hash.replace(/^#?\/?/, "").replace(/\/+$/, "");
  const own = OWN_PAGES.find((page) => page === path);
  if (own) return { page: own };
  if (!admin) return { page: "profile" };
  const page = ADMIN_PAGES.find((name) => name === path);
  if (page) return { page };
  const person = /^people\/([1-9]\d{0,14})$/.exec(path);
  return person ? { page: "person", id: Number(person[1]) } : { page: "profile" };
}

/** The address of a route. */
export function hashOf(route: Route): string {
  return route.page === "person" ? `#/people/${route.id}` : `#/${route.page}`;
}

/** The pictures of the menu, drawn for these pages; hidden from screen readers. */
import type { JSX } from "preact";
import { Icon } from "../shared/icons";
import type { Page } from "./routes";

const PATHS: Record<Page, readonly string[]> = {
  profile: ["M12 12.500a4 4 0 1 0 0-8 4 4 0 0 0 0 8Z", "M4.5 20a7.5 7.5 0 0 1 15 0"],
  logins: ["M4 5.500h16v10H4zM9 20h6M12 15.500V20"],
  settings: ["M4 7h9M17 7h3M4 12h3M11 12h9M4 17h9M17 17h3", "M15 5v4M9 10v4M15 15v4"],
  history: ["M12 7.500V12l3 2", "M4.5 12a7.5 7.5 0 1 0 2.4-5.500L4.5 8.500M4.5 4.500v4h4"],
  people: ["M9 11.500a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Z", "M2.5 19.500a6.5 6.5 0 0 1 13 0", "M15.5 4.800a3.5 3.5 0 0 1 0 6.400M18 14a6.5 6.5 0 0 1 3.5 5.5"],
  person: [],
  skills: ["M4.5 4.500h6v6h-6zM13.5 4.500h6v6h-6zM4.5 13.500h6v6h-6z", "M16.5 13.500v6M13.5 16.500h6"],
  status: ["M3 12h4l2.5-6 4.5 12 2.5-6H21"],
  try: ["M4 5h16v11h-8l-4.5 3.500V16H4z", "M8.5 10.500h7"],
};

export function NavIcon({ page }: { page: Page }): JSX.Element {
  return (
    <Icon>
      {PATHS[page].map((path) => (
        <path key={path} d={path} />
      ))}
    </Icon>
  );
}

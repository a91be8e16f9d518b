import { useEffect, useRef, useState } from "preact/hooks";
import { Button, Notice, Spinner } from "../shared/components";
import { loadMe, me, meProblem, signedIn } from "../shared/session";
import { SignIn } from "../shared/SignIn";
import { t as shared } from "../shared/texts";
import { Header } from "./parts/Header";
import { nameOf, Navigation } from "./parts/Navigation";
import { Name } from "./parts/Text";
import { Toast } from "./parts/Toast";
import { HistoryPage } from "./pages/HistoryPage";
import { LoginsPage } from "./pages/LoginsPage";
import { PeoplePage } from "./pages/PeoplePage";
import { PersonPage } from "./pages/PersonPage";
import { ProfilePage } from "./pages/ProfilePage";
import { SettingsPage } from "./pages/SettingsPage";
import { SkillsPage } from "./pages/SkillsPage";
import { StatusPage } from "./pages/StatusPage";
import { TryPage } from "./pages/TryPage";
import { subject } from "./heading";
import { sentenceOf } from "./problems";
import { routeOf, type Route } from "./routes";
import { t } from "./texts";

/** The management: signing in first, then a menu and the page that the address names. */
export function App() {
  if (!signedIn.value) return <SignIn lead={t("signInLead")} />;
  if (me.value) return <Signed admin={me.value.admin} />;
  return (
    <main class="sign-in">
      {meProblem.value ? (
        <div class="panel failed">
          <Notice tone="danger">{sentenceOf(meProblem.value)}</Notice>
          <Button onClick={() => void loadMe()}>{shared("tryAgain")}</Button>
        </div>
      ) : (
        <Spinner label={t("loading")} />
      )}
    </main>
  );
}

function Signed({ admin }: { admin: boolean }) {
  const [hash, setHash] = useState(location.hash);
  const heading = useRef<HTMLHeadingElement>(null);
  const first = useRef(true);
  const route = routeOf(hash, admin);
  const where = JSON.stringify(route);
  useEffect(() => {
    const follow = () => setHash(location.hash);
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  useEffect(() => {
    document.title = `${nameOf(route.page)} – ${shared("appName")}`;
  });
  useEffect(() => {
    // Who goes to another page by keyboard or by ear begins at its heading.
    if (!first.current) heading.current?.focus({ preventScroll: true });
    if (!first.current) scrollTo(0, 0);
    first.current = false;
  }, [where]);
  if (!me.value) return null;
  return (
    <div class="manage">
      <a
        class="skip-link"
        href="#content"
        onClick={(event) => {
          event.preventDefault();
          heading.current?.focus();
        }}
      >
        {shared("skipToContent")}
      </a>
      <Header person={me.value} />
      <div class="frame">
        <Navigation route={route} admin={admin} />
        <main class="content" id="content">
          <h1 ref={heading} tabIndex={-1} class={subject.value === null ? "" : "subject"}>
            {subject.value === null ? nameOf(route.page) : <Name>{subject.value}</Name>}
          </h1>
          <Page key={where} route={route} />
        </main>
      </div>
      <Toast />
    </div>
  );
}

function Page({ route }: { route: Route }) {
  switch (route.page) {
    case "profile":
      return <ProfilePage />;
    case "logins":
      return <LoginsPage />;
    case "settings":
      return <SettingsPage />;
    case "history":
      return <HistoryPage />;
    case "people":
      return <PeoplePage />;
    case "person":
      return <PersonPage id={route.id} />;
    case "skills":
      return <SkillsPage />;
    case "status":
      return <StatusPage />;
    case "try":
      return <TryPage />;
  }
}

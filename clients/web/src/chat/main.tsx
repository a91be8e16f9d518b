import { render } from "preact";
import { prepared } from "../shared/session";
import "../shared/styles.css";
import "../shared/theme";
import { App } from "./App";
import "./chat.css";

void prepared.then(() => render(<App />, document.getElementById("app")!));

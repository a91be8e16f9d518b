import { render } from "preact";
import "../shared/styles.css";
import "../shared/theme";
import { App } from "./App";
import "./chat.css";

render(<App />, document.getElementById("app")!);

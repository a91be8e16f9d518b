import { render } from "preact";
import "../shared/styles.css";
import "./manage.css";
import { App } from "./App";

const place = document.getElementById("app");
if (place) render(<App />, place);

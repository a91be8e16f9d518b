import { render } from "preact";
import "../shared/styles.css";
import "./styles/all.css";
import { prepared } from "../shared/session";
import { App } from "./App";

const place = document.getElementById("app");
// Else the first words of a page in French are English for a moment.
await prepared;
if (place) render(<App />, place);

/** The words of the management pages, in the language of the interface. */
import { speaker } from "../shared/texts";
import { en } from "./texts.en";
import { fr } from "./texts.fr";

export type { Key } from "./texts.en";

/** Says a sentence of the management pages. */
export const t = speaker({ en, fr });

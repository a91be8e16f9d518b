import type { components } from "../../client/src/api";

type Schemas = components["schemas"];

export type Me = Schemas["Me"];
export type User = Schemas["User"];
export type Login = Schemas["Login"];
export type Device = Schemas["Device"];
export type SettingField = Schemas["SettingField"];
export type Skill = Schemas["Skill"];
export type Job = Schemas["Job"];
export type Status = Schemas["Status"];

/** What a sentence means to the assistant (spec 6.16). */
export interface Understanding {
  language: string;
  understood: boolean;
  intents: { name: string; slots: { name: string; value: string; raw: string | null }[] }[];
  explanation: string[];
}

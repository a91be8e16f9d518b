import { Settings } from "../settings/Settings";

/** What the skills are told about oneself. */
export function SettingsPage() {
  return <Settings path="/api/me/settings" own />;
}

import { useState } from "preact/hooks";
import { DeviceForm } from "../parts/DeviceForm";
import { Logins } from "../parts/Logins";

/** Where one is signed in. */
export function LoginsPage() {
  const [version, setVersion] = useState(0);
  return (
    <>
      <Logins path="/api/me/logins" version={version} />
      <DeviceForm onMade={() => setVersion((before) => before + 1)} />
    </>
  );
}

import { useState } from "preact/hooks";
import { Button, Field, Notice } from "../../shared/components";
import { account } from "../../shared/session";
import type { Device } from "../api";
import { placed } from "../problems";
import { useTask } from "../resource";
import { t } from "../texts";
import { Card } from "./Card";
import { Copyable } from "./Copyable";
import { Form } from "./Form";
import { startOf } from "./Text";

/** Makes a login for a device, and shows its token this once. */
export function DeviceForm({ onMade }: { onMade(): void }) {
  const [name, setName] = useState("");
  const [missing, setMissing] = useState(false);
  const [device, setDevice] = useState<Device | null>(null);
  const task = useTask();
  const { fields, general } = placed(task.problem, ["name"]);
  const make = async () => {
    setMissing(name.trim() === "");
    if (name.trim() === "") return;
    await task.run(async () => {
      const { data } = await account.request<Device>("POST", "/api/me/logins", { body: { name: name.trim() } });
      setDevice(data);
      setName("");
      onMade();
    });
  };
  if (device) {
    return (
      <Card title={t("device")}>
        <Notice tone="warning">{t("deviceOnce")}</Notice>
        <Copyable label={t("deviceToken", { name: startOf(device.login.client) })} text={device.token} />
        <div class="form-end">
          <Button onClick={() => setDevice(null)}>{t("deviceDone")}</Button>
        </div>
      </Card>
    );
  }
  return (
    <Card title={t("device")} lead={t("deviceLead")}>
      <Form
        task={task}
        label={t("device")}
        general={general}
        attempt={task.problem ?? missing}
        button={t("deviceMake")}
        done=""
        onSubmit={() => void make()}
      >
        <Field
          label={t("deviceName")}
          hint={t("deviceNameHint")}
          maxLength={200}
          dir="auto"
          value={name}
          onValue={(value) => {
            setName(value);
            setMissing(false);
            task.reset();
          }}
          error={missing ? t("required") : (fields.name ?? null)}
        />
      </Form>
    </Card>
  );
}

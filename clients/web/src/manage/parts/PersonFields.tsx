/** The fields about a person, as they are made and as they are changed. */
import { Field, type FieldProps } from "../../shared/components";
import type { User } from "../api";
import { t } from "../texts";
import { LanguageField } from "./LanguageField";
import { Switch } from "./Switch";

/** By what they sign in. */
export function PersonName(props: Pick<FieldProps, "value" | "onValue" | "error" | "autoFocus">) {
  return (
    <Field
      {...props}
      label={t("personName")}
      hint={t("personNameHint")}
      autocomplete="off"
      autocapitalize="none"
      spellcheck={false}
      dir="auto"
      maxLength={150}
    />
  );
}

type Details = Pick<User, "display_name" | "language" | "admin">;

interface PersonDetailsProps {
  entry: Details;
  errors: Partial<Record<keyof Details, string>>;
  onType(change: Partial<Details>): void;
}

/** What is to be known of them besides. */
export function PersonDetails({ entry, errors, onType }: PersonDetailsProps) {
  return (
    <>
      <Field
        label={t("displayName")}
        autocomplete="off"
        dir="auto"
        maxLength={150}
        value={entry.display_name}
        onValue={(display_name) => onType({ display_name })}
        error={errors.display_name ?? null}
      />
      <LanguageField
        value={entry.language}
        onValue={(language) => onType({ language })}
        error={errors.language}
      />
      <Switch
        label={t("personAdmin")}
        hint={t("personAdminHint")}
        checked={entry.admin}
        error={errors.admin}
        onChange={(admin) => onType({ admin })}
      />
    </>
  );
}

import { useId } from "preact/hooks";
import { Button } from "../../shared/components";
import { AlertIcon, CheckIcon, LinkIcon } from "../../shared/icons";
import type { Skill } from "../api";
import { languageName } from "../format";
import { isWebAddress } from "../links";
import { t } from "../texts";
import { Badge } from "./Card";
import { isolated, Name, startOf, Text } from "./Text";

interface SkillCardProps {
  skill: Skill;
  busy: boolean;
  /** It can be neither updated nor removed from here. */
  fixed: boolean;
  onUpdate(): void;
  onRemove(): void;
}

/** One skill: what it says of itself, what is wrong with it, and what can be done with it. */
export function SkillCard({ skill, busy, fixed, onUpdate, onRemove }: SkillCardProps) {
  const id = useId();
  const called = skill.title || skill.name;
  const short = startOf(called);
  return (
    <li class="skill" aria-labelledby={id}>
      <div class="skill-head">
        <h3 id={id}>
          <Name>{called}</Name>
        </h3>
        {!skill.loaded && <Badge tone="danger">{t("skillOff")}</Badge>}
        {skill.version && <span class="soft">{t("skillVersion", { version: isolated(startOf(skill.version, 40)) })}</span>}
        {skill.bundled && <Badge>{t("skillBundled")}</Badge>}
      </div>
      {skill.description && (
        <p>
          <Text limit={300}>{skill.description}</Text>
        </p>
      )}
      {skill.problems.length > 0 && (
        <ul class="problems" aria-label={t("skillProblems", { name: short })}>
          {skill.problems.map((problem, index) => (
            <li key={index}>
              <AlertIcon />
              <span>
                <Text limit={1000}>{problem}</Text>
              </span>
            </li>
          ))}
        </ul>
      )}
      <Languages skill={skill} />
      <p class="soft skill-about">
        <code>{startOf(skill.name, 200)}</code>
        {skill.author && (
          <span>
            {t("skillAuthor")} <Name>{skill.author}</Name>
          </span>
        )}
        <Homepage address={skill.homepage} />
      </p>
      {(skill.intents.length > 0 || skill.settings.length > 0) && <Details skill={skill} />}
      {!fixed && (
        <div class="form-end">
          <Button disabled={busy} aria-label={t("skillUpdateNamed", { name: short })} onClick={onUpdate}>
            {t("skillUpdate")}
          </Button>
          <Button
            class="danger-line"
            disabled={busy}
            aria-label={t("skillRemoveNamed", { name: short })}
            onClick={onRemove}
          >
            {t("skillRemove")}
          </Button>
        </div>
      )}
    </li>
  );
}

function Languages({ skill }: { skill: Skill }) {
  if (skill.languages.length === 0) return null;
  return (
    <ul class="tags" aria-label={t("skillLanguages")}>
      {skill.languages.map((language) => {
        const trained = skill.trained.includes(language);
        const name = startOf(languageName(language), 40);
        return (
          <li key={language}>
            <Badge tone={trained ? "success" : "plain"}>
              {trained && <CheckIcon />}
              {t(trained ? "skillTrained" : "skillUntrained", { language: name })}
            </Badge>
          </li>
        );
      })}
    </ul>
  );
}

function Homepage({ address }: { address: string }) {
  if (!isWebAddress(address)) return null;
  return (
    <a href={address} target="_blank" rel="noopener noreferrer nofollow" title={startOf(address, 200)}>
      {t("skillHomepage")} <LinkIcon />
    </a>
  );
}

function Details({ skill }: { skill: Skill }) {
  return (
    <details class="skill-details">
      <summary>
        {t("skillIntents")}
        {skill.settings.length > 0 && `, ${t("skillSettings").toLocaleLowerCase()}`}
      </summary>
      {skill.intents.length > 0 && (
        <ul class="tags" aria-label={t("skillIntents")}>
          {skill.intents.map((intent) => (
            <li key={intent}>
              <code>{startOf(intent, 200)}</code>
            </li>
          ))}
        </ul>
      )}
      {skill.settings.length > 0 && (
        <dl class="facts">
          {skill.settings.map((setting) => (
            <div key={setting.key}>
              <dt>
                <code>{startOf(setting.key, 140)}</code>
              </dt>
              <dd>
                <Text limit={200}>{setting.description || setting.type}</Text>
              </dd>
            </div>
          ))}
        </dl>
      )}
    </details>
  );
}
